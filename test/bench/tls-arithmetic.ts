// The public-key arithmetic of a mutual TLS 1.3 handshake alone, straight on
// node:crypto with keys made ready: the least that any TLS of this OpenSSL takes.
import { diffieHellman, generateKeyPairSync, sign, verify } from 'node:crypto';

const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const longTerm = newPair();
const ephemeral = newPair();
const message = Buffer.alloc(130, 1); // about the length of what CertificateVerify signs (RFC 8446 §4.4.3)
const signature = sign('sha256', message, longTerm.privateKey);

/** One side: a key share, the agreement, its CertificateVerify, the peer's, and the CA's signature on the peer's certificate. */
function oneSide(): void {
  const { privateKey } = newPair();
  diffieHellman({ privateKey, publicKey: ephemeral.publicKey });
  sign('sha256', message, longTerm.privateKey);
  for (let check = 0; check < 2; check++) verify('sha256', message, longTerm.publicKey, signature);
}

/** Both sides of so many handshakes. */
export function tlsArithmetic(handshakes: number): void {
  for (let side = 0; side < 2 * handshakes; side++) oneSide();
}
