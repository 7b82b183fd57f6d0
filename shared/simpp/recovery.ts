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

/** What scrypt is to make of a phrase: a host may run it outside its event loop, for it takes half a second. */
export interface RecoveryDerivation {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly cost: { readonly n: number; readonly r: number; readonly p: number };
  /** In bytes. */
  readonly length: number;
}

/** The derivation for a phrase and a bare JID; throws SimppError('usage') when the phrase is not twelve valid words. */
export function recoveryDerivation(phrase: string, bareJid: string): RecoveryDerivation {
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/u).join(' ');
  if (words.split(' ').length !== 12 || !validateMnemonic(words, wordlist)) {
    throw new SimppError('usage', 'The recovery phrase is not twelve valid words; check their spelling and order.');
  }
  return { password: utf8(words), salt: labelled('recovery', utf8(bareJid)), cost: scryptCost, length: 48 };
}

/** KR_A of scrypt's 48 bytes, reduced modulo the order of P-256 (the bias is below 2^-128), zero rejected. */
export function accountKeyOfDerived(crypto: Crypto, derived: Uint8Array): PrivateKey {
  const scalar = BigInt(`0x${toHex(derived)}`) % p256Order;
  return crypto.p256.privateKey(fromHex(scalar.toString(16).padStart(64, '0')));
}

/** KR_A of a phrase and a bare JID, in one go. */
export function accountKeyOfPhrase(crypto: Crypto, phrase: string, bareJid: string): PrivateKey {
  const { password, salt, cost, length } = recoveryDerivation(phrase, bareJid);
  return accountKeyOfDerived(crypto, crypto.scrypt(password, salt, cost, length));
}
