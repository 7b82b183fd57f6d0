// Verification by a short string (docs/protocol.md §9.6): the commitment to a
// nonce, and the six digits that each side shows.
import { utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto/provider.ts';
import { labelled } from './labels.ts';

/** What both sides know once both nonces are out; A is the side that began. */
export interface SasInput {
  readonly id: string;
  readonly jidA: string;
  readonly jidB: string;
  readonly kuA: Uint8Array;
  readonly kuB: Uint8Array;
  readonly nA: Uint8Array;
  readonly nB: Uint8Array;
}

/** A's commitment to its nonce: 32 bytes. */
export function sasCommitment(crypto: Crypto, nA: Uint8Array): Uint8Array {
  return crypto.sha256(labelled('sas-commit', nA));
}

/** The six digits that A shows, and those that B shows. */
export function sasDigits(crypto: Crypto, input: SasInput): { readonly a: string; readonly b: string } {
  const { id, jidA, jidB, kuA, kuB, nA, nB } = input;
  const s = crypto.sha256(labelled('sas', utf8(id), utf8(jidA), utf8(jidB), kuA, kuB, nA, nB));
  return { a: sixDigits(s.subarray(0, 8)), b: sixDigits(s.subarray(8, 16)) };
}

function sixDigits(eight: Uint8Array): string {
  let number = 0n;
  for (const byte of eight) number = (number << 8n) | BigInt(byte);
  return (number % 1_000_000n).toString().padStart(6, '0');
}
