// The primitives, behind one interface. shared/crypto/noble.ts implements it
// portably; proxy/crypto/ implements the same on node:crypto, faster. Tests
// prove both equal where results are deterministic and cross-check the rest.
// Keys are opaque handles made once and kept, since importing a key costs as
// much as using it.

/** A validated public key; `bytes` is its one form on the wire (uncompressed SEC1). */
export interface PublicKey {
  readonly bytes: Uint8Array;
}

/** A private key; `secret` is the big-endian scalar. */
export interface PrivateKey {
  readonly secret: Uint8Array;
  readonly publicKey: PublicKey;
}

/** An elliptic curve with ECDH and ECDSA over SHA-256. */
export interface Curve {
  readonly name: 'P-256' | 'P-224' | 'secp160r1';
  /** Length of a scalar in bytes (32, 28, 21). */
  readonly scalarBytes: number;
  /** Length of a field element in bytes (32, 28, 20). */
  readonly fieldBytes: number;
  /** Length of an uncompressed SEC1 point: 1 + 2 · fieldBytes. */
  readonly pointBytes: number;
  /** Length of a signature r ‖ s: 2 · scalarBytes. */
  readonly signatureBytes: number;
  /** A fresh key pair from the system's randomness. */
  generate(): PrivateKey;
  /** Imports a scalar in [1, n-1]; throws SimppError('invalid-point') otherwise. */
  privateKey(secret: Uint8Array): PrivateKey;
  /** Imports and validates an uncompressed SEC1 point: form, range, on the curve, not infinity; throws SimppError('invalid-point') otherwise. */
  publicKey(bytes: Uint8Array): PublicKey;
  /** ECDH: the big-endian x coordinate, fieldBytes long; throws SimppError('invalid-point') when the result is infinity. */
  agree(privateKey: PrivateKey, publicKey: PublicKey): Uint8Array;
  /** ECDSA with SHA-256, r ‖ s, always low-S. */
  sign(privateKey: PrivateKey, message: Uint8Array): Uint8Array;
  /** Verifies r ‖ s; false for high-S, wrong lengths and anything else that is not a signature. */
  verify(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}

/** A validated encapsulation key of ML-KEM-768 (FIPS 203 §7.2 checked), 1184 bytes. */
export interface EncapsulationKey {
  readonly bytes: Uint8Array;
}

/** A decapsulation key, kept as its 64-byte seed d ‖ z. */
export interface DecapsulationKey {
  readonly seed: Uint8Array;
  readonly encapsulationKey: EncapsulationKey;
}

/** ML-KEM-768 (FIPS 203). */
export interface Kem {
  readonly name: 'ML-KEM-768';
  readonly encapsulationKeyBytes: 1184;
  readonly ciphertextBytes: 1088;
  readonly secretBytes: 32;
  generate(): DecapsulationKey;
  /** The key of a 64-byte seed d ‖ z. */
  decapsulationKey(seed: Uint8Array): DecapsulationKey;
  /** Imports a key, with the modulus check of FIPS 203 §7.2; throws SimppError('invalid-point'). */
  encapsulationKey(bytes: Uint8Array): EncapsulationKey;
  encapsulate(key: EncapsulationKey): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array };
  /** Implicit rejection: a wrong ciphertext gives another secret, never an error; wrong length throws SimppError('malformed-message'). */
  decapsulate(key: DecapsulationKey, ciphertext: Uint8Array): Uint8Array;
}

/** A symmetric key made once and used often. */
export interface SymmetricKey {
  readonly bytes: Uint8Array;
}

/** AES-256-GCM (NIST SP 800-38D): 12-byte nonce, 16-byte tag at the end of the ciphertext. */
export interface Aead {
  readonly keyBytes: 32;
  readonly tagBytes: 16;
  key(bytes: Uint8Array): SymmetricKey;
  seal(key: SymmetricKey, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined when the tag does not match. */
  open(key: SymmetricKey, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
}

/** AES-128-CBC with PKCS#7 padding (NIST SP 800-38A); only the classic profile uses it. */
export interface BlockCipher {
  readonly keyBytes: 16;
  readonly ivBytes: 16;
  seal(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined when length or padding is wrong. */
  open(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
}

/** All primitives that the protocol uses. */
export interface Crypto {
  readonly name: string;
  readonly p256: Curve;
  readonly p224: Curve;
  readonly secp160r1: Curve;
  readonly mlKem768: Kem;
  readonly aes256Gcm: Aead;
  readonly aes128Cbc: BlockCipher;
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** HKDF with SHA-256 (RFC 5869 §2), extract and expand; `info` ≤ 1024 bytes, `length` ≤ 255 · 32. */
  hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** HKDF-Expand with SHA-256 (RFC 5869 §2.3); `length` ≤ 255 · 32. */
  hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** scrypt (RFC 7914). */
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    cost: { readonly n: number; readonly r: number; readonly p: number },
    length: number,
  ): Uint8Array;
  randomBytes(length: number): Uint8Array;
}
