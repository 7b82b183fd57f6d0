// SASLprep (RFC 4013), which SCRAM prescribes for passwords (RFC 5802 §2.2) and
// every server uses. RFC 8265 replaces it on paper; a password that both treat
// differently would let a client in directly and not through us.
import { SimppError } from '../errors.ts';

/** Spaces that become U+0020 (RFC 3454 C.1.2). */
const spaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
/** What is mapped to nothing (RFC 3454 B.1). */
const nothing = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200c\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
/** What must not be in a password (RFC 3454 C.2–C.9). */
const prohibited =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u0340\u0341\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{e0001}\u{e0020}-\u{e007f}]/u;

/** A password as SCRAM hashes it; throws SimppError('sasl-failed') without repeating any of it. */
export function saslPrep(password: string): string {
  const prepared = password.replace(spaces, ' ').replace(nothing, '').normalize('NFKC');
  if (prepared === '' || prohibited.test(prepared)) {
    throw new SimppError('sasl-failed', 'The password is empty or has characters that are not allowed.');
  }
  return prepared;
}
