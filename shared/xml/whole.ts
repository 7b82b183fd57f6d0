// Judging bytes that claim to be one element and did not come through the
// scanner of a stream: what a peer has sealed.

import { SimppError } from '../errors.ts';
import { BoundaryScanner } from './boundary.ts';

const LESS = 0x3c;

/** Throws SimppError unless the bytes are exactly one well-formed element in restricted XML, within the limits. */
export function checkElement(
  bytes: Uint8Array,
  limits: { readonly maxBytes: number; readonly maxDepth: number },
): void {
  if (bytes.length > limits.maxBytes) throw new SimppError('too-large');
  const scanner = new BoundaryScanner();
  scanner.begin(limits.maxDepth, false, 0);
  if (bytes[0] !== LESS || scanner.scan(bytes, 0, bytes.length) !== bytes.length) {
    throw new SimppError('not-well-formed', 'What was to be one element is none.');
  }
}
