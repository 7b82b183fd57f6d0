// Protects the records of one direction of a channel (docs/protocol.md §7):
// what a profile plugs into the record layer.
import type { Crypto } from '../crypto/provider.ts';
import { labelled } from './labels.ts';
import { noiseNonce } from './noise.ts';

/** The keys of one direction, as a value; `counter` is the record's number under this key. */
export interface Protection {
  /** Length of a sealed record for a plaintext of this length, in bytes. */
  sealedLength(plaintextBytes: number): number;
  seal(counter: number, header: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined when the record is not authentic. */
  open(counter: number, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** The protection after 2^20 records; it cannot be turned back. */
  rekeyed(): Protection;
  /** The protection after an enrolment: K_AS mixed in. */
  mixed(kAS: Uint8Array): Protection;
}

/** Profile simpp-2: AES-256-GCM, nonce from the counter, header as AAD. */
export function gcmProtection(crypto: Crypto, keyBytes: Uint8Array): Protection {
  const key = crypto.aes256Gcm.key(keyBytes);
  return {
    sealedLength: (plaintextBytes) => plaintextBytes + crypto.aes256Gcm.tagBytes,
    seal: (counter, header, plaintext) => crypto.aes256Gcm.seal(key, noiseNonce(counter), header, plaintext),
    open: (counter, header, sealed) => crypto.aes256Gcm.open(key, noiseNonce(counter), header, sealed),
    rekeyed: () => gcmProtection(crypto, crypto.hkdfExpand(keyBytes, labelled('record-rekey'), 32)),
    mixed: (kAS) => gcmProtection(crypto, crypto.hkdf(keyBytes, kAS, labelled('record-mix'), 32)),
  };
}
