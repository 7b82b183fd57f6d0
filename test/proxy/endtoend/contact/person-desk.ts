// A Desk that keeps what it is told in memory: one contact, two own devices,
// one unsent message.
import { bareJid } from '../../../../shared/xmpp/jid.ts';
import { SimppError } from '../../../../shared/errors.ts';
import type {
  Annotate,
  ContactFacts,
  Desk,
  DeviceFacts,
  HistoryFacts,
  OutboxFacts,
  Policy,
  StatusFacts,
  VerificationFacts,
} from '../../../../proxy/endtoend/desk.ts';

const at = Date.UTC(2026, 10, 24, 15, 17);
export const ownDigits = '01234 56789 01234 56789 01234 56789 01234 56789 01234 56789 01234 56789';
export const bobDigits = '98765 43210 98765 43210 98765 43210 98765 43210 98765 43210 98765 43210';
export const waitingId = 'abcdef00'.repeat(4);
export const thisId = '11223344'.repeat(4);

export class PersonDesk implements Desk {
  bob: ContactFacts = {
    jid: 'bob@example.test',
    trust: 'blind',
    fingerprint: bobDigits,
    policy: 'prefer',
    isOwnPolicy: false,
    devices: [{ id: '55667788'.repeat(4), state: 'listed', isThis: false, since: at, lastSeen: at }],
    lastMessage: at,
  };
  own: readonly DeviceFacts[] = [
    { id: thisId, state: 'listed', isThis: true, since: at },
    { id: waitingId, state: 'waiting', isThis: false, since: at, code: '7q3fk2mz9xab' },
  ];
  unsent: readonly OutboxFacts[] = [
    { number: 3, to: 'carol@example.test', at, reason: 'They have no keys.', text: 'see you\nat <noon>' },
  ];
  policyOfAll: Policy = 'prefer';
  annotate: Annotate = 'plaintext';
  retention: 'keep' | 'none' | number = 'keep';
  trustPolicy: 'blind' | 'manual' = 'blind';
  alarms: readonly string[] = [];
  /** Calls in order, each as one string. */
  readonly calls: string[] = [];

  status(): StatusFacts {
    return {
      jid: 'alice@example.test',
      policy: this.policyOfAll,
      annotate: this.annotate,
      trustPolicy: this.trustPolicy,
      fingerprint: ownDigits,
      verifyUri: `simpp-verify:alice@example.test?fp=${'0f'.repeat(32)}`,
      device: thisId,
      deviceState: 'registered',
      isPublished: true,
      directories: ['gateway', 'pep'],
      contacts: 1,
      verified: this.bob.trust === 'verified' ? 1 : 0,
      outbox: this.unsent.length,
      retention: String(this.retention),
      alarms: this.alarms,
    };
  }

  contacts(): readonly ContactFacts[] {
    return [this.bob];
  }

  async contact(jid: string): Promise<ContactFacts> {
    this.calls.push(`contact ${jid}`);
    if (bareJid(jid) === this.bob.jid) return this.bob;
    if (jid === 'bug@example.test') throw new TypeError('a secret of the inside');
    throw new SimppError('key-missing', `No key of ${jid} is known.`);
  }

  async verify(jid: string, fingerprint?: string): Promise<ContactFacts> {
    this.calls.push(`verify ${jid} ${fingerprint ?? '-'}`);
    this.bob = { ...this.bob, trust: 'verified' };
    return this.bob;
  }

  async decide(jid: string, decision: 'accept' | 'refuse' | 'reset'): Promise<ContactFacts> {
    this.calls.push(`decide ${jid} ${decision}`);
    this.bob = { ...this.bob, trust: decision === 'refuse' ? 'refused' : 'blind' };
    return this.bob;
  }

  setPolicy(jid: string | undefined, policy: Policy | 'default'): void {
    this.calls.push(`policy ${jid ?? '-'} ${policy}`);
    if (jid === undefined) this.policyOfAll = policy === 'default' ? 'prefer' : policy;
    else this.bob = { ...this.bob, policy: policy === 'default' ? this.policyOfAll : policy, isOwnPolicy: true };
  }

  setAnnotate(annotate: Annotate): void {
    this.annotate = annotate;
  }

  setTrustPolicy(policy: 'blind' | 'manual'): void {
    this.trustPolicy = policy;
  }

  setRetention(retention: 'keep' | 'none' | number): void {
    this.retention = retention;
  }

  async startVerification(jid: string): Promise<VerificationFacts> {
    return { contact: jid, state: 'asked' };
  }

  async typeVerification(jid: string, typed: string): Promise<VerificationFacts> {
    this.calls.push(`type ${jid} ${typed}`);
    if (typed === '222222') return { contact: jid, state: 'confirmed', ours: '111111' };
    return { contact: jid, state: 'comparing', ours: '111111', attemptsLeft: 2 };
  }

  verification(jid: string): VerificationFacts {
    return { contact: jid, state: 'over' };
  }

  async devices(): Promise<readonly DeviceFacts[]> {
    return this.own;
  }

  async approveDevice(id: string): Promise<readonly DeviceFacts[]> {
    this.calls.push(`approve ${id}`);
    this.own = this.own.map((device) => (device.id === id ? { ...device, state: 'listed', code: undefined } : device));
    return this.own;
  }

  async removeDevice(id: string): Promise<readonly DeviceFacts[]> {
    this.calls.push(`remove ${id}`);
    this.own = this.own.filter((device) => device.id !== id);
    return this.own;
  }

  async recover(): Promise<StatusFacts> {
    return this.status();
  }

  recoveryPhrase(): string | undefined {
    return 'abandon abandon abandon';
  }

  forgetRecovery(): void {
    this.calls.push('forget');
  }

  outbox(): readonly OutboxFacts[] {
    return this.unsent;
  }

  async resend(number?: number): Promise<number> {
    this.calls.push(`resend ${number ?? 'all'}`);
    return this.discard(number);
  }

  discard(number?: number): number {
    const before = this.unsent.length;
    this.unsent = this.unsent.filter((each) => number !== undefined && each.number !== number);
    return before - this.unsent.length;
  }

  search(text: string, contact: string | undefined, limit: number): readonly HistoryFacts[] {
    this.calls.push(`search ${text} ${contact ?? '-'} ${limit}`);
    if (text !== 'noon') return [];
    return [
      { at, contact: 'bob@example.test', isOwn: true, text: 'at noon?', state: 'encrypted' },
      { at, contact: 'bob@example.test', isOwn: false, text: 'noon it is', state: 'plaintext' },
    ];
  }
}
