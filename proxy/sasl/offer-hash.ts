// XEP-0474, SASL SCRAM Downgrade Protection, 0.5.0: the server's first message
// has a hash of what it offered. The proof and the server's signature cover
// that message, so that nobody without the password can change both.
import { equalBytes, utf8 } from '../../shared/bytes.ts';
import type { ScramHash } from './mechanisms.ts';
import { hashOf } from './scram-keys.ts';

/** A server's offer as it arrived. */
export interface SaslOffer {
  readonly mechanisms: readonly string[];
  /** Types of XEP-0440; empty when the server did not say any. */
  readonly channelBindings: readonly string[];
}

/** Between names, and between the two lists: of the XEP, and of its version 0.3, which servers still have. */
const delimiters = [
  ['\x1e', '\x1f'],
  [',', '|'],
] as const;

/** Whether the hash in the server's first message is the one of this offer. */
export function isSignedOffer(hash: ScramHash, offer: SaslOffer, signed: Uint8Array): boolean {
  const names = [...offer.mechanisms, ...offer.channelBindings];
  // A name with a delimiter in it could make two offers look the same.
  if (names.some((name) => delimiters.flat().some((delimiter) => name.includes(delimiter)))) return false;
  return delimiters.some(([each, between]) => {
    const lists = [offer.mechanisms, offer.channelBindings].filter((list) => list.length > 0);
    // i;octet; the names are ASCII, where that is the order of code units.
    const text = lists.map((list) => list.toSorted().join(each)).join(between);
    return equalBytes(hashOf(hash, utf8(text)), signed);
  });
}
