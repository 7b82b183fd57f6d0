// What a trust message of another device of one's own changes (XEP-0450).
import { equalBytes } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { personFingerprint } from '../../shared/simpp/fingerprint.ts';
import type { TrustMessage } from '../../shared/xmpp/trust-message.ts';
import { refuse, verifyKey } from './trust-decision.ts';
import type { Known } from './trust.ts';

/** The contacts as they are after the message; those of whom the key is not known, or that stay as they are, are left out. */
export function applyStatements(
  crypto: Crypto,
  message: TrustMessage,
  knownOf: (jid: string) => Known,
): readonly Known[] {
  const changed: Known[] = [];
  for (const { jid, trust, distrust } of message) {
    const known = knownOf(jid);
    const { kuA, nextKuA } = known.contact;
    const isIn = (keys: readonly Uint8Array[], key: Uint8Array | undefined): boolean =>
      key !== undefined && keys.some((each) => equalBytes(each, personFingerprint(crypto, jid, key)));
    try {
      if (isIn(distrust, kuA)) changed.push(refuse(known));
      else if (isIn(trust, kuA) && known.contact.trust !== 'verified') changed.push(verifyKey(known, kuA!));
      else if (isIn(trust, nextKuA)) changed.push(verifyKey(known, nextKuA!));
    } catch (error) {
      // A key that has changed meanwhile: decided here, by the person.
      if (!(error instanceof SimppError)) throw error;
    }
  }
  return changed;
}
