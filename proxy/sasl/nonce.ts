import { randomBytes } from 'node:crypto';
import { toBase64 } from '../../shared/bytes.ts';

/** A fresh SCRAM nonce of 144 bits; base64 has no comma, which RFC 5802 §5.1 forbids in it. */
export function newNonce(): string {
  return toBase64(randomBytes(18));
}
