// keystore.json: which kind of keystore this folder has, and what opening it
// needs besides the secret (docs/protocol.md §3 "At rest").
import { z } from 'zod';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import type { WrappedSecret } from './passphrase.ts';

export type KeystoreHeader =
  /** The key is in keystore.key beside it. */
  | { readonly kind: 'file' }
  /** The key is here, wrapped. */
  | { readonly kind: 'passphrase'; readonly wrapped: WrappedSecret }
  /** The key is in the system's keyring, under this account of the service "simpp". */
  | { readonly kind: 'keyring'; readonly account: string };

export type KeystoreKind = KeystoreHeader['kind'];

const schema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file') }),
  z.strictObject({
    kind: z.literal('passphrase'),
    scrypt: z.strictObject({ n: z.number(), r: z.number(), p: z.number() }),
    salt: z.string(),
    wrapped: z.string(),
  }),
  z.strictObject({ kind: z.literal('keyring'), account: z.string().min(1) }),
]);

export function encodeHeader(header: KeystoreHeader): Uint8Array {
  const fields: z.infer<typeof schema> =
    header.kind !== 'passphrase'
      ? header
      : {
          kind: 'passphrase',
          scrypt: header.wrapped.cost,
          salt: toBase64(header.wrapped.salt),
          wrapped: toBase64(header.wrapped.sealed),
        };
  return utf8(`${JSON.stringify(fields, undefined, 2)}\n`);
}

/** The header; throws SimppError('keystore-locked') when it is damaged or of an unknown kind. */
export function decodeHeader(bytes: Uint8Array, path: string): KeystoreHeader {
  try {
    const fields = schema.parse(JSON.parse(fromUtf8(bytes)));
    if (fields.kind !== 'passphrase') return fields;
    const wrapped = { cost: fields.scrypt, salt: fromBase64(fields.salt), sealed: fromBase64(fields.wrapped) };
    return { kind: 'passphrase', wrapped };
  } catch (error) {
    throw new SimppError('keystore-locked', `${path} is damaged, or was written by a newer version of SIMPP.`, {
      cause: error,
    });
  }
}
