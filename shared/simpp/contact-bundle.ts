// The bundle of a JID (docs/protocol.md §9.1, C1 and C2): what a directory
// gives, checked. A list that does not hold refuses all of it; a device that
// does not is skipped, with a reason that a person can read.
import { equalBytes, toHex } from '../bytes.ts';
import type { Crypto, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { openBundleDevice, type BundleDevice, type RawBundleDevice } from './bundle-device.ts';
import { openDeviceList, type OpenedList } from './certificate.ts';
import type { RolloverBody } from './end-to-end-messages.ts';
import { maxDevices } from './messages.ts';
import { openRollover } from './rollover.ts';

/** What a directory gives for a JID; nothing is checked yet. */
export interface RawContactBundle {
  readonly kuA: Uint8Array;
  readonly list: Uint8Array;
  readonly rollover?: Uint8Array | undefined;
  readonly devices: readonly RawBundleDevice[];
}

/** A device list as a bundle or C3 brought it, checked. */
export interface BundleList {
  readonly version: number;
  readonly hash: Uint8Array;
  /** Seconds since 1970. */
  readonly issued: number;
  readonly encoded: Uint8Array;
}

/** A device that cannot be written to; the reason is for a person. */
export interface SkippedDevice {
  readonly deviceId?: Uint8Array | undefined;
  readonly reason: string;
  /** It has signed its own tombstone: nothing is sealed for it again. */
  readonly isRetired?: boolean;
}

/** Who a JID's devices are and how to write to them, all signatures checked. Whether KU_A is the right one is the caller's question. */
export interface Bundle {
  readonly jid: string;
  readonly kuA: PublicKey;
  readonly list: BundleList;
  readonly devices: readonly BundleDevice[];
  readonly skipped: readonly SkippedDevice[];
  /** The KU_A that this one names as its successor. */
  readonly nextKuA?: Uint8Array | undefined;
  /** The KU_A that named this one as its successor. */
  readonly previousKuA?: Uint8Array | undefined;
}

/** Checks a bundle at `now` (seconds since 1970); throws SimppError('bundle-invalid') when it counts for nothing. */
export function openBundle(crypto: Crypto, jid: string, raw: RawContactBundle, now: number): Bundle {
  const { kuA, opened } = openWho(crypto, jid, raw, now);
  const devices: BundleDevice[] = [];
  const skipped: SkippedDevice[] = [];
  const seen = new Set<string>();
  const named = new Set<string>();
  for (const rawDevice of raw.devices) {
    const result = openBundleDevice(crypto, kuA, opened.list, rawDevice, now);
    if (result.name !== undefined) named.add(toHex(result.name));
    if (result.kind === 'skipped') {
      skipped.push({ deviceId: result.deviceId, reason: result.reason, isRetired: result.isRetired === true });
      continue;
    }
    const id = toHex(result.device.deviceId);
    if (seen.has(id))
      skipped.push({ deviceId: result.device.deviceId, reason: 'The directory gave this device twice.' });
    else devices.push(result.device);
    seen.add(id);
  }
  // A directory that withholds a device must not do so unseen.
  for (const name of opened.list.certificates) {
    if (!named.has(toHex(name))) skipped.push({ reason: 'The directory did not give the keys of a listed device.' });
  }
  const { list, hash } = opened;
  return {
    jid,
    kuA,
    list: { version: list.version, hash, issued: list.issued, encoded: raw.list },
    devices,
    skipped,
    ...readRollover(crypto, jid, kuA, raw.rollover),
  };
}

function openWho(
  crypto: Crypto,
  jid: string,
  raw: RawContactBundle,
  now: number,
): { readonly kuA: PublicKey; readonly opened: OpenedList } {
  if (raw.devices.length > maxDevices) throw new SimppError('bundle-invalid', 'A directory gave more than 32 devices.');
  try {
    const kuA = crypto.p256.publicKey(raw.kuA);
    const opened = openDeviceList(crypto, kuA, raw.list, now);
    if (opened.list.jid !== jid) throw new SimppError('handshake-failed', 'the list is of another JID');
    return { kuA, opened };
  } catch (cause) {
    if (cause instanceof SimppError) throw new SimppError('bundle-invalid', undefined, { cause });
    throw cause;
  }
}

/** A rollover that does not hold, or is about other keys, says nothing. */
function readRollover(
  crypto: Crypto,
  jid: string,
  kuA: PublicKey,
  encoded: Uint8Array | undefined,
): Pick<Bundle, 'nextKuA' | 'previousKuA'> {
  if (encoded === undefined || encoded.length === 0) return {};
  let rollover: RolloverBody;
  try {
    rollover = openRollover(crypto, jid, encoded);
  } catch (error) {
    if (error instanceof SimppError) return {};
    throw error;
  }
  if (equalBytes(rollover.kuA, kuA.bytes)) return { nextKuA: rollover.nextKuA };
  if (equalBytes(rollover.nextKuA, kuA.bytes)) return { previousKuA: rollover.kuA };
  return {};
}
