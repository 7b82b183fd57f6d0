// Lengths that the caller is responsible for. A peer's bytes are checked where
// they are read; a wrong key, nonce or seed here is a mistake in this program.

import { SimppError } from '../errors.ts';

/** Refuses bytes of another length than `length`: SimppError('internal'). */
export function assertLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new SimppError('internal', `${what} has ${length} bytes, not ${bytes.length}`);
}
