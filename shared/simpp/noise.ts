// The Noise symmetric state (Noise Protocol Framework rev. 34, §5.2) with
// AESGCM and SHA-256, as values: each operation returns the next state.
// Names are the specification's: ck, h, k, n.
import { utf8 } from '../bytes.ts';
import type { Crypto, SymmetricKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';

/** The state between two tokens of a handshake pattern. */
export interface SymmetricState {
  readonly ck: Uint8Array;
  readonly h: Uint8Array;
  readonly k: SymmetricKey | undefined;
  readonly n: number;
}

/** InitializeSymmetric(protocol_name); the name is longer than 32 bytes, so it is hashed. */
export function initialize(crypto: Crypto, protocolName: string): SymmetricState {
  const h = crypto.sha256(utf8(protocolName));
  return { ck: h, h, k: undefined, n: 0 };
}

/** MixHash(data). */
export function mixHash(crypto: Crypto, state: SymmetricState, data: Uint8Array): SymmetricState {
  return { ...state, h: crypto.sha256(state.h, data) };
}

/** MixKey(input_key_material): HKDF(ck, ikm, 2), the same bytes as RFC 5869 with ck as salt and no info. */
export function mixKey(crypto: Crypto, state: SymmetricState, ikm: Uint8Array): SymmetricState {
  const okm = crypto.hkdf(state.ck, ikm, new Uint8Array(0), 64);
  return { ck: okm.slice(0, 32), h: state.h, k: crypto.aes256Gcm.key(okm.slice(32)), n: 0 };
}

/** A Noise nonce for AESGCM: 4 zero bytes, then n in 8 big-endian bytes (§12.4). */
export function noiseNonce(n: number): Uint8Array {
  const nonce = new Uint8Array(12);
  // Byte by byte: a view with a BigInt takes a fifth of the time that a whole small record takes.
  for (let at = 11, rest = n; rest > 0; at--) {
    nonce[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return nonce;
}

/** EncryptAndHash(plaintext). */
export function encryptAndHash(
  crypto: Crypto,
  state: SymmetricState,
  plaintext: Uint8Array,
): readonly [ciphertext: Uint8Array, next: SymmetricState] {
  if (state.k === undefined) throw new SimppError('internal', 'the handshake has no key yet');
  const ciphertext = crypto.aes256Gcm.seal(state.k, noiseNonce(state.n), state.h, plaintext);
  return [ciphertext, { ...mixHash(crypto, state, ciphertext), n: state.n + 1 }];
}

/** DecryptAndHash(ciphertext); throws SimppError('handshake-failed') when the tag does not match. */
export function decryptAndHash(
  crypto: Crypto,
  state: SymmetricState,
  ciphertext: Uint8Array,
): readonly [plaintext: Uint8Array, next: SymmetricState] {
  if (state.k === undefined) throw new SimppError('internal', 'the handshake has no key yet');
  const plaintext = crypto.aes256Gcm.open(state.k, noiseNonce(state.n), state.h, ciphertext);
  if (plaintext === undefined) throw new SimppError('handshake-failed');
  return [plaintext, { ...mixHash(crypto, state, ciphertext), n: state.n + 1 }];
}
