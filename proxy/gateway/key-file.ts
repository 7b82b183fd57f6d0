// KR_S, the gateway's private key, in gateway.key: the one secret that a
// gateway has. Who reads it can pose as the gateway to everyone who pinned it;
// who loses it must hand out new invites.

import { z } from 'zod';
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from '../../shared/bytes.ts';
import type { Crypto, Curve, PrivateKey } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import type { InvitedKey } from '../invite.ts';
import { readPrivateFile } from '../keystore/private-file.ts';

/** KR_S. In the paper's profile one key on P-224 has both jobs. */
export type GatewayKey =
  | { readonly profile: 'simpp-2'; readonly agreement: PrivateKey; readonly signing: PrivateKey }
  | { readonly profile: 'classic'; readonly key: PrivateKey };

const base64 = z.base64();
const keyFile = z.discriminatedUnion('profile', [
  z.strictObject({ version: z.literal(1), profile: z.literal('simpp-2'), agreement: base64, signing: base64 }),
  z.strictObject({ version: z.literal(1), profile: z.literal('classic'), key: base64 }),
]);

type Curves = Pick<Crypto, 'p256' | 'p224'>;

/** A fresh KR_S. */
export function createGatewayKey(curves: Curves, profile: GatewayKey['profile']): GatewayKey {
  if (profile === 'classic') return { profile, key: curves.p224.generate() };
  return { profile, agreement: curves.p256.generate(), signing: curves.p256.generate() };
}

/** The file's text: scalars in base64. */
export function encodeGatewayKey(key: GatewayKey): Uint8Array {
  const scalars: z.input<typeof keyFile> =
    key.profile === 'classic'
      ? { version: 1, profile: 'classic', key: toBase64(key.key.secret) }
      : {
          version: 1,
          profile: 'simpp-2',
          agreement: toBase64(key.agreement.secret),
          signing: toBase64(key.signing.secret),
        };
  return utf8(`${JSON.stringify(scalars, undefined, 2)}\n`);
}

/** Reads KR_S; undefined when there is none; throws SimppError('keystore-locked') when the file is open to others or damaged. */
export function readGatewayKey(file: string, curves: Curves): GatewayKey | undefined {
  const bytes = readPrivateFile(file);
  return bytes === undefined ? undefined : decodeGatewayKey(bytes, file, curves);
}

/** KU_S as invites carry it. */
export function publicGatewayKey(key: GatewayKey): InvitedKey {
  if (key.profile === 'classic') return { profile: 'classic', bytes: key.key.publicKey.bytes };
  return { profile: 'simpp-2', bytes: concat(key.agreement.publicKey.bytes, key.signing.publicKey.bytes) };
}

function decodeGatewayKey(bytes: Uint8Array, file: string, curves: Curves): GatewayKey {
  try {
    const scalars = keyFile.parse(JSON.parse(fromUtf8(bytes)));
    const read = (curve: Curve, text: string): PrivateKey => curve.privateKey(fromBase64(text));
    if (scalars.profile === 'classic') return { profile: 'classic', key: read(curves.p224, scalars.key) };
    const { agreement, signing } = scalars;
    return { profile: 'simpp-2', agreement: read(curves.p256, agreement), signing: read(curves.p256, signing) };
  } catch {
    // No cause: a parser's error may quote what it read.
    throw new SimppError('keystore-locked', `The gateway's key in ${file} is damaged. Restore it from a backup.`);
  }
}
