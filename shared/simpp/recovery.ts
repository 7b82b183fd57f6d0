// KR_A from a recovery phrase: the paper's KR_A = h(pw_A) made safe. The
// phrase is generated (128 bits, 12 words of BIP 39), never chosen by a person
// (docs/protocol.md §3).
import { generateMnemonic, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { toHex, fromHex, utf8 } from '../bytes.ts';
import type { Crypto, PrivateKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { labelled } from './labels.ts';

const scryptCost = { n: 2 ** 17, r: 8, p: 1 } as const;
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Twelve fresh words, separated by single spaces. */
export function newRecoveryPhrase(): string {
  return generateMnemonic(wordlist, 128);
}

/**
 * KR_A of a phrase and a bare JID: scrypt to 48 bytes, reduced modulo the
 * order of P-256 (the bias is below 2^-128), zero rejected.
 */
export function accountKeyOfPhrase(crypto: Crypto, phrase: string, bareJid: string): PrivateKey {
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/u).join(' ');
  if (words.split(' ').length !== 12 || !validateMnemonic(words, wordlist)) {
    throw new SimppError('usage', 'The recovery phrase is not twelve valid words; check their spelling and order.');
  }
  const wide = crypto.scrypt(utf8(words), labelled('recovery', utf8(bareJid)), scryptCost, 48);
  const scalar = BigInt(`0x${toHex(wide)}`) % p256Order;
  return crypto.p256.privateKey(fromHex(scalar.toString(16).padStart(64, '0')));
}
