// The proxy's provider: node:crypto for each primitive that it has, noble for
// the rest. Handles made by one work in the other (tests prove it).

import { SimppError } from '../../shared/errors.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { missing, portable, wish } from './portable.ts';
import { nodeCrypto, type Primitive } from './support.ts';

/** `crypto`, with each of `absent` taken from `substitute`. */
export function substituteMissing(crypto: Crypto, absent: readonly Primitive[], substitute: Crypto): Crypto {
  const from = (primitive: Primitive): Crypto => (absent.includes(primitive) ? substitute : crypto);
  return {
    ...crypto,
    name: `${crypto.name}, ${substitute.name} for ${absent.join(', ')}`,
    p256: from('p256').p256,
    p224: from('p224').p224,
    secp160r1: from('secp160r1').secp160r1,
    mlKem768: from('mlKem768').mlKem768,
    aes256Gcm: from('aes256Gcm').aes256Gcm,
    aes128Cbc: from('aes128Cbc').aes128Cbc,
    scrypt: from('scrypt').scrypt,
  };
}

/** The fastest provider of this machine, or the portable one where SIMPP_CRYPTO=noble; its `name` says which. */
export function detectNodeCrypto(): Crypto {
  if (wish !== '' && wish !== 'noble') {
    throw new SimppError('config-invalid', `SIMPP_CRYPTO is '${wish}'; the only value is 'noble'`);
  }
  if (portable === undefined) return nodeCrypto;
  return wish === 'noble' ? portable : substituteMissing(nodeCrypto, missing, portable);
}
