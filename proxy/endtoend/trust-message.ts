// Trust decisions shared between one's own devices: XEP-0450 (Automatic Trust
// Management, 0.4) over XEP-0434 (Trust Messages, 0.6). A person has one key,
// so a decision is about one fingerprint, and only "verified" and "refused"
// travel: what was trusted blindly is each device's own matter.
import { equalBytes } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { personFingerprint } from '../../shared/simpp/fingerprint.ts';
import type { KeyDecision } from '../../shared/xmpp/trust-message.ts';
import { refuse, verifyKey } from './trust-decision.ts';
import type { Known } from './trust.ts';

/** What our other devices are told of a decision that was just made; undefined where they are told nothing. */
export function decisionOf(crypto: Crypto, { contact }: Known): KeyDecision | undefined {
  const { jid, kuA, trust } = contact;
  if (kuA === undefined || (trust !== 'verified' && trust !== 'refused')) return undefined;
  const fingerprint = personFingerprint(crypto, jid, kuA);
  return trust === 'verified'
    ? { jid, trust: [fingerprint], distrust: [] }
    : { jid, trust: [], distrust: [fingerprint] };
}

/**
 * What is known of a person after a decision that came from another device of ours; undefined where nothing changes.
 * That it is ours, and listed, was proved by the session that opened it.
 */
export function afterDecision(crypto: Crypto, ownJid: string, decision: KeyDecision, known: Known): Known | undefined {
  const { kuA, nextKuA, trust, jid } = known.contact;
  // Our own devices are in our own list, which KR_A signs; no message adds to it.
  if (decision.jid === ownJid || decision.jid !== jid) return undefined;
  const names = (keys: readonly Uint8Array[], key: Uint8Array | undefined): key is Uint8Array =>
    key !== undefined && keys.some((each) => equalBytes(each, personFingerprint(crypto, jid, key)));
  // Distrust of a key that only waits leaves the pinned one as it is: it never was used.
  if (names(decision.distrust, kuA)) return trust === 'refused' ? undefined : refuse(known);
  try {
    if (names(decision.trust, kuA)) return trust === 'verified' ? undefined : verifyKey(known, kuA);
    if (names(decision.trust, nextKuA)) return verifyKey(known, nextKuA);
  } catch (error) {
    // A key that has changed meanwhile is decided here, by the person.
    if (!(error instanceof SimppError)) throw error;
  }
  return undefined;
}
