// The symmetric side of the classic profile (docs/protocol.md §10.2): the
// paper's {data}K, and records under the one raw K_AS, encrypt-then-MAC.
import { concat, equalBytes } from '../../bytes.ts';
import type { Crypto, PrivateKey, PublicKey } from '../../crypto/provider.ts';
import { SimppError } from '../../errors.ts';
import type { Entropy } from '../entropy.ts';
import type { Session } from '../handshake.ts';
import type { Protection } from '../protection.ts';

const ivBytes = 16;
const macBytes = 32;

/** K_A = KR · KU as a symmetric key: the first 128 bits of the x coordinate. */
export function classicMasterKey(crypto: Crypto, own: PrivateKey, other: PublicKey): Uint8Array {
  return crypto.p224.agree(own, other).slice(0, 16);
}

/** {data}K: a random IV, then AES-128-CBC with PKCS#7 padding. */
export function sealUnder(crypto: Crypto, entropy: Entropy, key: Uint8Array, data: Uint8Array): Uint8Array {
  const iv = entropy.bytes(ivBytes);
  return concat(iv, crypto.aes128Cbc.seal(key, iv, data));
}

/** Opens {data}K; throws SimppError('handshake-failed') on bad padding, which is all that the paper's scheme can notice. */
export function openUnder(crypto: Crypto, key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const data = crypto.aes128Cbc.open(key, sealed.subarray(0, ivBytes), sealed.subarray(ivBytes));
  if (data === undefined) throw new SimppError('handshake-failed');
  return data;
}

function cbcHmacProtection(crypto: Crypto, entropy: Entropy, kAS: Uint8Array, direction: number): Protection {
  const tagOf = (counter: number, header: Uint8Array, body: Uint8Array): Uint8Array => {
    const number = new Uint8Array(9);
    number[0] = direction;
    new DataView(number.buffer).setBigUint64(1, BigInt(counter));
    return crypto.hmacSha256(kAS, number, header, body);
  };
  const protection: Protection = {
    sealedLength: (plaintextBytes) => ivBytes + (Math.floor(plaintextBytes / 16) + 1) * 16 + macBytes,
    seal(counter, header, plaintext) {
      const body = sealUnder(crypto, entropy, kAS, plaintext);
      return concat(body, tagOf(counter, header, body));
    },
    open(counter, header, sealed) {
      const end = sealed.length - macBytes;
      if (end < ivBytes) return undefined;
      const body = sealed.subarray(0, end);
      if (!equalBytes(sealed.subarray(end), tagOf(counter, header, body))) return undefined;
      return crypto.aes128Cbc.open(kAS, body.subarray(0, ivBytes), body.subarray(ivBytes));
    },
    rekeyed() {
      throw new SimppError('record-forged', 'a classic channel cannot be rekeyed; open a new one');
    },
    mixed() {
      throw new SimppError('internal', 'the classic profile has no enrolment');
    },
  };
  return protection;
}

/** The session of a classic login: one raw K_AS for everything, as published. */
export function classicSession(crypto: Crypto, entropy: Entropy, kAS: Uint8Array): Session {
  return {
    kAS,
    binding: new Uint8Array(0),
    client: cbcHmacProtection(crypto, entropy, kAS, 0),
    gateway: cbcHmacProtection(crypto, entropy, kAS, 1),
  };
}
