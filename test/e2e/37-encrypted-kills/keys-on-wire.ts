// Every wrap that a server was handed, and whether a ratchet key ever sealed two
// different things (docs/protocol.md §9.3, §11): the one mistake that no crash,
// no copy and no full disk may cause.
import { toHex } from '../../../shared/bytes.ts';
import { ratchetHeader, wrap as wrapMessage } from '../../../shared/simpp/end-to-end-messages.ts';
import { readMessage } from '../../../shared/simpp/message.ts';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import type { WireTap } from '../../../proxy/try/wire-tap.ts';

export interface KeysOnWire {
  /** Different wraps. */
  readonly wraps: number;
  /** Session, chain and number of each key that sealed more than one of them. */
  readonly reused: readonly string[];
}

/** What has passed the tap towards the server so far. */
export function keysOnWire(tap: WireTap): KeysOnWire {
  return keysIn(tap.captured('up').toString('latin1'));
}

/** Of a stream's text. */
export function keysIn(stream: string): KeysOnWire {
  const sealedBy = new Map<string, Set<string>>();
  const seen = new Set<string>();
  for (const [, base64 = ''] of stream.matchAll(/<encrypted xmlns=['"]urn:simpp:e2e:2['"]>([A-Za-z0-9+/=]+)</g)) {
    if (seen.has(base64)) continue;
    seen.add(base64);
    const { message } = readMessage(nodeCrypto, new Uint8Array(Buffer.from(base64, 'base64')));
    for (const encoded of message.wraps) {
      const { sessionId, header, sealed } = wrapMessage.decode(encoded);
      const { dh, number } = ratchetHeader.decode(header);
      const key = `${toHex(sessionId)} ${toHex(dh)} ${number}`;
      const different = sealedBy.get(key) ?? new Set();
      sealedBy.set(key, different.add(`${toHex(header)} ${toHex(sealed)}`));
    }
  }
  const sets = [...sealedBy.values()];
  return {
    wraps: sets.reduce((count, different) => count + different.size, 0),
    reused: [...sealedBy].filter(([, different]) => different.size > 1).map(([key]) => key),
  };
}
