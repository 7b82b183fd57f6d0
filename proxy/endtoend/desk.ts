// What a person, or a program for them, can ask and decide about end-to-end
// encryption of one account. The virtual contact, the control socket (so the
// CLI and the extension) and the tests all speak to this one interface.

/** How sure one is that a key is the contact's. `blind`: taken on first use; `manual` policy starts at `undecided`. */
export const trustStates = ['undecided', 'blind', 'verified', 'changed', 'refused'] as const;
export type TrustState = (typeof trustStates)[number];

export const policies = ['require', 'prefer', 'off'] as const;
/** `require`: encrypted or not at all. `prefer`: encrypted whenever the contact has keys. `off`: never. */
export type Policy = (typeof policies)[number];

export const annotations = ['plaintext', 'all', 'none'] as const;
/** Which received messages get a mark in their text. */
export type Annotate = (typeof annotations)[number];

export interface DeviceFacts {
  /** In 32 hexadecimal digits. */
  readonly id: string;
  /** `new`: of a verified contact, and not decided yet; `waiting`: of one's own, for approval; `skipped`: without a valid prekey. */
  readonly state: 'listed' | 'new' | 'waiting' | 'skipped' | 'removed';
  readonly isThis: boolean;
  /** Milliseconds since 1970: in the certificate, and of the last message received from it. */
  readonly since: number;
  readonly lastSeen?: number | undefined;
  /** Of a waiting device: twelve characters to compare. */
  readonly code?: string | undefined;
  readonly note?: string | undefined;
}

export interface ContactFacts {
  readonly jid: string;
  readonly trust: TrustState;
  /** 60 digits in groups of five; absent where no key is known. */
  readonly fingerprint?: string | undefined;
  /** Where another key waits for a decision. */
  readonly nextFingerprint?: string | undefined;
  readonly policy: Policy;
  /** Whether that policy was set for this contact. */
  readonly isOwnPolicy: boolean;
  readonly devices: readonly DeviceFacts[];
  /** Why nothing can be sent to them at the moment, and what would mend it. */
  readonly blocked?: string | undefined;
  readonly lastMessage?: number | undefined;
}

export interface StatusFacts {
  readonly jid: string;
  readonly policy: Policy;
  readonly annotate: Annotate;
  readonly trustPolicy: 'blind' | 'manual';
  readonly fingerprint?: string | undefined;
  /** The text of the QR code for others to scan (docs/protocol.md §9.6). */
  readonly verifyUri?: string | undefined;
  /** Of the twelve words: whether they were ever shown here, and whether they still can be. */
  readonly recovery?: 'unseen' | 'shown' | 'gone' | undefined;
  readonly device?: string | undefined;
  readonly deviceState: 'registered' | 'waiting' | 'none';
  /** Whether this device's keys are in a directory, as far as this run of the proxy has seen. */
  readonly isPublished: boolean;
  /** Of a waiting device. */
  readonly code?: string | undefined;
  readonly directories: readonly ('gateway' | 'pep')[];
  readonly contacts: number;
  readonly verified: number;
  readonly outbox: number;
  readonly retention: string;
  /** Sentences about what needs a decision. */
  readonly alarms: readonly string[];
}

export interface OutboxFacts {
  /** Counts up for the account. */
  readonly number: number;
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
  /** The body, or what stands for it. */
  readonly text: string;
}

export interface HistoryFacts {
  readonly at: number;
  readonly contact: string;
  readonly isOwn: boolean;
  readonly text: string;
  readonly state: 'encrypted' | 'plaintext' | 'unreadable';
}

/** A verification by a short string typed on both sides. */
export interface VerificationFacts {
  readonly contact: string;
  readonly state: 'asked' | 'comparing' | 'confirmed' | 'failed' | 'over';
  /** Six digits for the other side to type. */
  readonly ours?: string | undefined;
  readonly attemptsLeft?: number | undefined;
}

/** All of it throws SimppError with a text for people: an unknown contact, a wrong digit, a locked key. */
export interface Desk {
  status(): StatusFacts;
  contacts(): readonly ContactFacts[];
  /** Fetches the keys anew first, where a stream is connected. */
  contact(jid: string): Promise<ContactFacts>;
  /** The fingerprint is the person's word: 60 digits as compared, or what a QR code said. Without: they have compared them. */
  verify(jid: string, fingerprint?: string): Promise<ContactFacts>;
  /** `accept` takes a changed key or new devices; `refuse` sends them nothing any more; `reset` forgets what was verified. */
  decide(jid: string, decision: 'accept' | 'refuse' | 'reset'): Promise<ContactFacts>;
  setPolicy(jid: string | undefined, policy: Policy | 'default'): void;
  setAnnotate(annotate: Annotate): void;
  setTrustPolicy(policy: 'blind' | 'manual'): void;
  /** `keep`, `none`, or a number of days. */
  setRetention(retention: 'keep' | 'none' | number): void;
  /** Begins, or answers, a verification by a short string; `typed` is what the other side shows. */
  startVerification(jid: string): Promise<VerificationFacts>;
  typeVerification(jid: string, typed: string): Promise<VerificationFacts>;
  /** How the one with them stands; `over` where there is none. Changes nothing. */
  verification(jid: string): VerificationFacts;
  devices(): Promise<readonly DeviceFacts[]>;
  /** Lists a waiting device; its code was compared. */
  approveDevice(id: string): Promise<readonly DeviceFacts[]>;
  removeDevice(id: string): Promise<readonly DeviceFacts[]>;
  /** This device becomes one of the account that the phrase belongs to. */
  recover(phrase: string): Promise<StatusFacts>;
  /** The twelve words, as long as they are kept. */
  recoveryPhrase(): string | undefined;
  /** Erases phrase and KR_A from this machine; the phrase is then the only way to sign. */
  forgetRecovery(): void;
  outbox(): readonly OutboxFacts[];
  /** Sends what was unsent again, with its id; all of it without a number. How many went. */
  resend(number?: number): Promise<number>;
  discard(number?: number): number;
  search(text: string, contact: string | undefined, limit: number): readonly HistoryFacts[];
}
