// Public keys go into OpenSSL as PEM: node:crypto takes a string straight to its
// parser, while DER needs an object of options, which costs two to three times
// as much. Private keys stay DER, because a string cannot be wiped.

/** The PEM of a SubjectPublicKeyInfo (RFC 7468 §13). */
export function publicPem(spki: Buffer): string {
  return `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----`;
}
