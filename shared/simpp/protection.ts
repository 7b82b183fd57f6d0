// Protects the records of one direction of a channel (docs/protocol.md §7):
// what a profile plugs into the record layer.
import type { Crypto, SymmetricKey } from '../crypto/provider.ts';
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
  return new GcmProtection(crypto, keyBytes);
}

/** A class, since closures for each would be half of what an idle channel holds in memory. */
class GcmProtection implements Protection {
  readonly #crypto: Crypto;
  readonly #key: SymmetricKey;

  constructor(crypto: Crypto, keyBytes: Uint8Array) {
    this.#crypto = crypto;
    this.#key = crypto.aes256Gcm.key(keyBytes);
  }

  sealedLength(plaintextBytes: number): number {
    return plaintextBytes + this.#crypto.aes256Gcm.tagBytes;
  }

  seal(counter: number, header: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return this.#crypto.aes256Gcm.seal(this.#key, noiseNonce(counter), header, plaintext);
  }

  open(counter: number, header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    return this.#crypto.aes256Gcm.open(this.#key, noiseNonce(counter), header, sealed);
  }

  rekeyed(): Protection {
    return new GcmProtection(this.#crypto, this.#crypto.hkdfExpand(this.#key.bytes, labelled('record-rekey'), 32));
  }

  mixed(kAS: Uint8Array): Protection {
    return new GcmProtection(this.#crypto, this.#crypto.hkdf(this.#key.bytes, kAS, labelled('record-mix'), 32));
  }
}
