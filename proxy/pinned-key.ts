// A gateway's public key as a set-up pins it: checked, and in the form that
// people compare.

import type { Crypto } from '../shared/crypto/provider.ts';
import { SimppError } from '../shared/errors.ts';
import { fingerprintDigits, gatewayFingerprint } from '../shared/simpp/fingerprint.ts';
import { gatewayKeysOf, type InvitedKey } from './invite.ts';

/** The 60 digits of a gateway's key. */
export function keyFingerprint(crypto: Crypto, key: InvitedKey): string {
  return fingerprintDigits(gatewayFingerprint(crypto, gatewayKeysOf(key)));
}

/** Throws SimppError('invite-invalid') unless the key's points are on their curve. */
export function checkInvitedKey(crypto: Crypto, key: InvitedKey): void {
  const { agreement, signing } = gatewayKeysOf(key);
  const curve = key.profile === 'classic' ? crypto.p224 : crypto.p256;
  try {
    curve.publicKey(agreement);
    curve.publicKey(signing);
  } catch (error) {
    throw new SimppError('invite-invalid', `The invite's key is damaged: it is not on ${curve.name}.`, {
      cause: error,
    });
  }
}
