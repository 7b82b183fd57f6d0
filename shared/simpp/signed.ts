// Signed bodies (docs/protocol.md §3, §9.1): a message, and a signature over
// its encoding in the context of a label. What is read is exactly what was signed.
import type { Message } from '../codec/message.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { labelled, type Label } from './labels.ts';
import { signedObject } from './messages.ts';

/** Signs a body in the context of `label`; gives the encoded `Signed`. */
export function signBody<V>(
  crypto: Crypto,
  key: PrivateKey,
  label: Label,
  declaration: Message<string, V>,
  values: V,
): Uint8Array {
  const body = declaration.encode(values);
  return signedObject.encode({ body, signature: crypto.p256.sign(key, labelled(label, body)) });
}

/** Values and encoded body of a `Signed` whose signature holds; throws SimppError('handshake-failed') when it does not. */
export function openBody<V>(
  crypto: Crypto,
  key: PublicKey,
  label: Label,
  declaration: Message<string, V>,
  encoded: Uint8Array,
): { readonly values: V; readonly body: Uint8Array } {
  const { body, signature } = signedObject.decode(encoded);
  if (!crypto.p256.verify(key, labelled(label, body), signature)) {
    throw new SimppError('handshake-failed', `the signature of a ${declaration.name} does not verify`);
  }
  return { values: declaration.decode(body), body };
}
