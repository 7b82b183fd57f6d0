// What a device publishes, checked before it may come near the directory
// (docs/protocol.md §9.1): signatures, one JID everywhere, dates, points. Each
// piece waits for its turn in the queue of arithmetic, like a handshake.
import { equalBytes, toHex } from '../../../shared/bytes.ts';
import type { Crypto, PublicKey } from '../../../shared/crypto/provider.ts';
import { SimppError } from '../../../shared/errors.ts';
import { clockToleranceSeconds, openCertificate, openDeviceList } from '../../../shared/simpp/certificate.ts';
import type { Control } from '../../../shared/simpp/control.ts';
import { certificateBody, deviceListBody, signedObject, type DeviceListBody } from '../../../shared/simpp/messages.ts';
import { openOneTimeKey, openPrekey, openTombstone, type DeviceIdentity } from '../../../shared/simpp/prekey.ts';
import { openRollover } from '../../../shared/simpp/rollover.ts';
import type { CryptoQueue } from '../crypto-queue.ts';
import type { DeviceRow } from '../directory/directory.ts';
import type {
  CertifiedDevice,
  CheckedList,
  CheckedPublication,
  CheckedRollover,
  OneTimeKey,
} from '../directory/key-store.ts';

/** The values of a Publish. */
export type PublishValues = Extract<Control, { readonly name: 'Publish' }>['values'];

export interface CheckParts {
  readonly crypto: Crypto;
  readonly queue: CryptoQueue;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Throws SimppError when anything in it does not hold; `publisher` is the device as the directory has it. */
export async function checkPublication(
  parts: CheckParts,
  publisher: DeviceRow,
  values: PublishValues,
): Promise<CheckedPublication> {
  const { crypto, queue, now: at } = parts;
  const { jid, agreementKey } = publisher;
  const { list, rollover, prekey, tombstone } = values;
  const checkedList = isAbsent(list) ? undefined : await checkList(parts, jid, list, values.certificates);
  if (checkedList === undefined && values.certificates.length > 0) {
    throw new SimppError('malformed-message', 'certificates came without a list');
  }
  // With this very list its signing key may be another one.
  const renewed = checkedList?.devices.find((device) => equalBytes(device.agreementKey, agreementKey));
  return queue.run(() => {
    const device = identityOf(crypto, renewed === undefined ? publisher : { ...publisher, ...renewed });
    return {
      jid,
      agreementKey,
      list: checkedList,
      rollover: isAbsent(rollover) ? undefined : checkRollover(parts, jid, rollover),
      prekey: isAbsent(prekey) ? undefined : checkPrekey(parts, device, prekey),
      tombstone: isAbsent(tombstone) ? undefined : checkTombstone(parts, device, tombstone),
      at,
    };
  });
}

/** Throws SimppError when one of them does not hold, or two have one id. */
export async function checkOneTimeKeys(
  { crypto, queue }: CheckParts,
  publisher: DeviceRow,
  signedKeys: readonly Uint8Array[],
): Promise<readonly OneTimeKey[]> {
  const device = await queue.run(() => identityOf(crypto, publisher));
  const keys: OneTimeKey[] = [];
  for (const signed of signedKeys) {
    const { id, key } = await queue.run(() => openOneTimeKey(crypto, device, signed));
    await queue.run(() => crypto.p256.publicKey(key));
    if (keys.some((other) => other.id === id)) throw new SimppError('malformed-message', 'a one-time key came twice');
    keys.push({ id, signed });
  }
  return keys;
}

/** A field that a message leaves out is empty. */
function isAbsent(field: Uint8Array): boolean {
  return field.length === 0;
}

function identityOf(crypto: Crypto, row: Pick<DeviceRow, 'jid' | 'deviceId' | 'signingKey'>): DeviceIdentity {
  return { certificate: { jid: row.jid, deviceId: row.deviceId }, kuDs: crypto.p256.publicKey(row.signingKey) };
}

async function checkList(
  parts: CheckParts,
  jid: string,
  encoded: Uint8Array,
  certificates: readonly Uint8Array[],
): Promise<CheckedList> {
  const { crypto, queue, now } = parts;
  const { kuA, list } = await queue.run(() => {
    const claimed = signerOf(encoded);
    const key = crypto.p256.publicKey(claimed);
    return { kuA: key, list: openDeviceList(crypto, key, encoded, now).list };
  });
  if (list.jid !== jid) throw new SimppError('handshake-failed', 'a list is of another JID');
  const devices: CertifiedDevice[] = [];
  for (const certificate of certificates) {
    const device = await queue.run(() => checkCertificate(parts, kuA, list, certificate));
    if (device !== undefined) devices.push(device);
  }
  for (const key of ['deviceId', 'agreementKey'] as const) {
    if (new Set(devices.map((device) => toHex(device[key]))).size < devices.length) {
      throw new SimppError('malformed-message', 'two certificates are of one device');
    }
  }
  return {
    accountKey: list.kuA,
    listVersion: list.version,
    listIssued: list.issued,
    list: encoded,
    certificateNames: list.certificates,
    devices,
  };
}

/** The KU_A that a list names; whether it is the account's is the directory's question. */
function signerOf(list: Uint8Array): Uint8Array {
  return deviceListBody.decode(signedObject.decode(list).body).kuA;
}

/** One whose time is over says nothing, and is no fault of who hands on all that the list names. */
function checkCertificate(
  { crypto, now }: CheckParts,
  kuA: PublicKey,
  list: DeviceListBody,
  encoded: Uint8Array,
): CertifiedDevice | undefined {
  const { notAfter } = certificateBody.decode(signedObject.decode(encoded).body);
  if (notAfter < now - clockToleranceSeconds) return undefined;
  const { certificate, name } = openCertificate(crypto, kuA, list, encoded, now);
  for (const point of [certificate.kuDs, certificate.kuDd]) crypto.p256.publicKey(point);
  return {
    deviceId: certificate.deviceId,
    agreementKey: certificate.kuDd,
    signingKey: certificate.kuDs,
    certificate: encoded,
    certificateName: name,
    notAfter,
  };
}

function checkRollover({ crypto, now }: CheckParts, jid: string, rollover: Uint8Array): CheckedRollover {
  const { kuA: accountKey, nextKuA: nextAccountKey, issued } = openRollover(crypto, jid, rollover);
  checkNotInFuture(issued, now);
  return { rollover, accountKey, nextAccountKey };
}

function checkPrekey({ crypto, now }: CheckParts, device: DeviceIdentity, signed: Uint8Array) {
  const { gY, ek, issued } = openPrekey(crypto, device, signed);
  checkNotInFuture(issued, now);
  crypto.p256.publicKey(gY);
  crypto.mlKem768.encapsulationKey(ek);
  return { signed, issued };
}

function checkTombstone({ crypto, now }: CheckParts, device: DeviceIdentity, signed: Uint8Array): Uint8Array {
  checkNotInFuture(openTombstone(crypto, device, signed).at, now);
  return signed;
}

function checkNotInFuture(seconds: number, now: number): void {
  if (seconds > now + clockToleranceSeconds) throw new SimppError('handshake-failed', 'it is dated in the future');
}
