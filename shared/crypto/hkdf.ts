// HKDF-Expand over any HMAC-SHA-256, so that both providers share one loop.

import { concat } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import type { Crypto } from './provider.ts';

const hashBytes = 32;
const maxBlocks = 255;

/** Refuses what HKDF cannot give, more than 255 · 32 bytes (RFC 5869 §2.3): SimppError('internal'). */
export function assertExpandable(length: number): void {
  if (!(length >= 0 && length <= maxBlocks * hashBytes)) {
    throw new SimppError('internal', `HKDF cannot give ${length} bytes`);
  }
}

/** HKDF-Expand (RFC 5869 §2.3); more than 255 · 32 bytes is SimppError('internal'). */
export function expand(hmac: Crypto['hmacSha256'], prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  assertExpandable(length);
  const blocks: Uint8Array[] = [];
  let block: Uint8Array = new Uint8Array(0);
  for (let i = 1; (i - 1) * hashBytes < length; i++) {
    block = hmac(prk, block, info, Uint8Array.of(i));
    blocks.push(block);
  }
  return concat(...blocks).slice(0, length);
}
