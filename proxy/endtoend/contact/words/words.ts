// Everything that a person reads from the virtual contact, declared once for
// all languages: a table that lacks a text does not compile. Commands, and what
// is typed after them, are the same words in each language.
import type { Annotate, DeviceFacts, Policy, TrustState, VerificationFacts } from '../../desk.ts';
import type { Block } from '../../trust.ts';
import type { EndReason } from '../../verification.ts';
import type { CommandName } from '../command.ts';
import type { AnnouncementFacts, AnnouncementKind } from '../facts.ts';

/** How a command is written, and what it does in one line. */
export interface CommandHelp {
  readonly usage: string;
  readonly summary: string;
}

export interface Words {
  readonly language: string;
  readonly presence: (alarms: number) => string;
  readonly about: string;
  readonly helpHead: string;
  readonly helpFoot: string;
  readonly commands: Readonly<Record<CommandName, CommandHelp>>;
  readonly unknown: (word: string, nearest: CommandName | undefined) => string;
  readonly incomplete: (usage: string) => string;
  readonly failed: string;
  readonly tooMany: string;

  readonly trust: Readonly<Record<TrustState, string>>;
  readonly policy: Readonly<Record<Policy, string>>;
  readonly annotate: Readonly<Record<Annotate, string>>;
  readonly deviceState: Readonly<Record<DeviceFacts['state'], string>>;
  readonly trustPolicy: Readonly<Record<'blind' | 'manual', string>>;

  readonly status: {
    readonly account: (jid: string) => string;
    readonly device: (state: 'registered' | 'waiting' | 'none', id: string | undefined) => string;
    readonly code: (code: string) => string;
    readonly policy: (policy: string) => string;
    readonly trustPolicy: (policy: string) => string;
    readonly annotate: (annotate: string) => string;
    readonly retention: (retention: string) => string;
    readonly directories: (kinds: readonly string[]) => string;
    readonly contacts: (all: number, verified: number) => string;
    readonly outbox: (count: number) => string;
    readonly alarmsHead: string;
  };
  readonly retention: (retention: 'keep' | 'none' | number) => string;
  readonly noContacts: string;
  readonly noDevices: string;
  readonly noFingerprint: (jid: string) => string;
  readonly ownFingerprint: (jid: string) => string;
  readonly theirFingerprint: (jid: string) => string;
  readonly nextFingerprint: (jid: string) => string;
  readonly contactLine: (trust: string, policy: string, isOwnPolicy: boolean, devices: number) => string;
  readonly blocked: (reason: string) => string;
  readonly lastMessage: (at: string) => string;
  readonly more: (count: number) => string;

  /** Why nothing is sent to a contact; an alarm has its own text. */
  readonly block: Readonly<Record<Exclude<Block['kind'], 'alarm'>, (jid: string) => string>>;
  /** Why a verification ended. */
  readonly ends: Readonly<Record<EndReason, string>>;

  /** `word` confirms the key that was shown: `same`, or the digits of one that waits. */
  readonly verifyHow: (jid: string, word: string) => string;
  readonly verified: (jid: string) => string;
  readonly verification: (facts: VerificationFacts, reason: string | undefined) => string;
  /** We have begun, and they have not answered yet. */
  readonly verificationAsked: (jid: string) => string;
  readonly decided: Readonly<Record<'accept' | 'refuse' | 'reset', (jid: string, trust: string) => string>>;
  readonly policySet: (jid: string | undefined, policy: string) => string;
  readonly trustPolicySet: (policy: string) => string;
  readonly annotateSet: (annotate: string) => string;
  readonly retentionSet: (retention: string) => string;
  readonly deviceLine: (
    id: string,
    state: string,
    isThis: boolean,
    since: string,
    lastSeen: string | undefined,
  ) => string;
  readonly approveHow: (code: string, id: string) => string;
  readonly noSuchDevice: (word: string) => string;
  readonly severalDevices: (word: string) => string;
  readonly approved: string;
  readonly removed: string;
  readonly outboxEmpty: string;
  readonly outboxFoot: string;
  readonly unsentLine: (number: number, at: string, to: string, text: string, reason: string) => string;
  readonly resent: (count: number) => string;
  readonly discarded: (count: number) => string;
  readonly nothingFound: (text: string) => string;
  readonly me: string;
  readonly messageState: Readonly<Record<'encrypted' | 'plaintext' | 'unreadable', string>>;

  /** Labels of the forms of ad-hoc commands. */
  readonly form: Readonly<
    Record<'who' | 'decision' | 'policy' | 'word' | 'device' | 'number' | 'annotate' | 'days' | 'text', string>
  >;
  readonly announcements: { readonly [Kind in AnnouncementKind]: (facts: AnnouncementFacts[Kind]) => string };
}
