// What the desk says of contacts and of one's own devices.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { approvalCode } from '../../shared/simpp/approval-code.ts';
import { fingerprintDigits, personFingerprint } from '../../shared/simpp/fingerprint.ts';
import type { AccountIdentity } from '../identity/account-identity.ts';
import { blockText } from './contact/explain.ts';
import type { ContactFacts, DeviceFacts, Policy, StatusFacts } from './desk.ts';
import type { OwnAccount } from './own-account.ts';
import { bodyOf, type Standing } from './own-standing.ts';
import { blockOf, type Known } from './trust.ts';

export function contactFacts(crypto: Crypto, known: Known, inForce: Policy): ContactFacts {
  const { contact, devices } = known;
  const { jid, kuA, nextKuA, trust, policy, lastMessageAt } = contact;
  const digits = (key: Uint8Array | undefined): string | undefined =>
    key && fingerprintDigits(personFingerprint(crypto, jid, key));
  const block = blockOf(known);
  return {
    jid,
    trust,
    fingerprint: digits(kuA),
    nextFingerprint: digits(nextKuA),
    policy: inForce,
    isOwnPolicy: policy !== undefined,
    devices: devices.map(({ deviceId, state, since, lastSeen, prekey }) => ({
      id: deviceId,
      state: state === 'listed' && prekey === undefined ? 'skipped' : state,
      isThis: false,
      since,
      lastSeen,
    })),
    blocked: block && blockText(jid, block),
    lastMessage: lastMessageAt,
  };
}

/** Those that are listed, then those that wait; this one is among them in any case. */
export function deviceFacts(
  crypto: Crypto,
  own: Pick<OwnAccount, 'standing' | 'certificates' | 'waitingDevices'>,
  { deviceId, certificate }: AccountIdentity,
): readonly DeviceFacts[] {
  const listed = own.standing === 'waiting' ? [] : own.certificates;
  const waiting = [...own.waitingDevices.map((device) => device.certificate), certificate];
  const facts = new Map<string, DeviceFacts>();
  for (const each of [...listed, ...waiting]) {
    const body = bodyOf(each);
    const id = toHex(body.deviceId);
    if (facts.has(id)) continue;
    const common = { id, isThis: equalBytes(body.deviceId, deviceId), since: body.notBefore * 1000 };
    const isListed = listed.includes(each);
    facts.set(
      id,
      isListed ? { ...common, state: 'listed' } : { ...common, state: 'waiting', code: approvalCode(crypto, body) },
    );
  }
  return [...facts.values()];
}

/** Before one's own entry was read, what was known when the proxy ran last. */
export function stateOf(identity: AccountIdentity | undefined, standing: Standing): StatusFacts['deviceState'] {
  if (identity === undefined) return 'none';
  if (standing !== 'unknown') return standing === 'waiting' ? 'waiting' : 'registered';
  return identity.state === 'pending' ? 'waiting' : identity.state;
}

/** Sentences about what needs a decision. */
export function alarmsOf(
  jid: string,
  own: Pick<OwnAccount, 'standing' | 'waitingDevices'>,
  contacts: readonly ContactFacts[],
): readonly string[] {
  const isAsked = own.waitingDevices.length > 0 && own.standing === 'listed';
  return [
    ...(own.standing === 'waiting' ? [`This device of ${jid} waits for approval.`] : []),
    ...(isAsked ? [`A device of ${jid} waits for your approval.`] : []),
    ...contacts.flatMap(({ jid: contact, blocked }) => (blocked === undefined ? [] : [`${contact}: ${blocked}`])),
  ];
}
