// The recovery phrase as it is stored: its 128 bits, not its words.

import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

/** The 16 bytes that twelve words stand for. */
export function phraseEntropy(phrase: string): Uint8Array {
  return mnemonicToEntropy(phrase, wordlist);
}

/** The twelve words for 16 bytes, to be shown to the person. */
export function phraseOfEntropy(entropy: Uint8Array): string {
  return entropyToMnemonic(entropy, wordlist);
}
