// What the virtual contact does and says for a command: each is a call or two
// of the Desk, and text.
import { SimppError } from '../../../shared/errors.ts';
import type { ContactFacts, Desk, DeviceFacts, HistoryFacts, StatusFacts, VerificationFacts } from '../desk.ts';
import { commandNames, type Command, type CommandName, type Reading } from './command.ts';
import { shownCode, findDevice } from './device-choice.ts';
import { day, dayAndTime, fingerprintLines, lines, oneLine, paragraphs, shortId } from './layout.ts';
import type { Words } from './words/words.ts';

/** Most entries of a list in one answer. */
const maxListed = 50;
const maxFound = 10;

/** The answer to what was read; never rejects. */
export async function answer(desk: Desk, words: Words, reading: Reading): Promise<string> {
  switch (reading.kind) {
    case 'unknown':
      return words.unknown(reading.word, reading.nearest);
    case 'incomplete':
      return usageOf(words, reading.name);
    case 'command':
      try {
        return await run(desk, words, reading.command);
      } catch (error) {
        return sorry(words, error);
      }
  }
}

/** What a person reads of a failure: its own text where it was written for people. */
export function sorry(words: Words, error: unknown): string {
  return error instanceof SimppError && error.code !== 'internal' ? error.message : words.failed;
}

async function run(desk: Desk, words: Words, command: Command): Promise<string> {
  switch (command.name) {
    case 'help':
      return command.about === undefined ? help(words) : usageOf(words, command.about);
    case 'status':
      return status(words, desk.status());
    case 'contacts':
      return contacts(words, desk.contacts());
    case 'fingerprint':
      return command.who === undefined
        ? ownFingerprint(words, desk.status())
        : about(words, await desk.contact(command.who));
    case 'verify':
      return verify(desk, words, command);
    case 'trust': {
      const { jid, trust } = await desk.decide(command.who, command.decision);
      return words.decided[command.decision](jid, words.trust[trust]);
    }
    case 'trust-policy':
      desk.setTrustPolicy(command.policy);
      return words.trustPolicySet(words.trustPolicy[command.policy]);
    case 'policy':
      return policy(desk, words, command);
    case 'devices':
      return devices(words, await desk.devices());
    case 'approve': {
      const { id } = findDevice(await desk.devices(), command.device, words, ({ state }) => state === 'waiting');
      return paragraphs(words.approved, devices(words, await desk.approveDevice(id)));
    }
    case 'remove': {
      const { id } = findDevice(await desk.devices(), command.device, words, ({ state }) => state !== 'removed');
      return paragraphs(words.removed, devices(words, await desk.removeDevice(id)));
    }
    case 'outbox':
      return outbox(desk, words);
    case 'resend':
      return words.resent(await desk.resend(command.number));
    case 'discard':
      return words.discarded(desk.discard(command.number));
    case 'annotate':
      desk.setAnnotate(command.annotate);
      return words.annotateSet(words.annotate[command.annotate]);
    case 'retention':
      desk.setRetention(command.retention);
      return words.retentionSet(words.retention(command.retention));
    case 'history':
      return history(words, command.text, desk.search(command.text, command.who, maxFound));
  }
}

function help(words: Words): string {
  const list = commandNames.map((name) => `${words.commands[name].usage}\n    ${words.commands[name].summary}`);
  return paragraphs(words.helpHead, lines(...list), words.helpFoot);
}

function usageOf(words: Words, name: CommandName): string {
  const { usage, summary } = words.commands[name];
  return lines(words.incomplete(usage), summary);
}

/** `retention` of the facts is `keep`, `none`, or days as digits. */
function retentionText(words: Words, retention: string): string {
  if (retention === 'keep' || retention === 'none') return words.retention(retention);
  const days = Number.parseInt(retention, 10);
  return Number.isNaN(days) ? retention : words.retention(days);
}

function status(words: Words, facts: StatusFacts): string {
  const { status: say } = words;
  const alarms = facts.alarms.map((alarm) => `- ${alarm}`);
  return paragraphs(
    facts.alarms.length > 0 ? lines(say.alarmsHead, ...alarms) : undefined,
    lines(
      say.account(facts.jid),
      say.device(facts.deviceState, facts.device === undefined ? undefined : shortId(facts.device)),
      facts.code === undefined ? undefined : say.code(shownCode(facts.code)),
      say.directories(facts.directories),
    ),
    lines(
      say.policy(words.policy[facts.policy]),
      say.trustPolicy(words.trustPolicy[facts.trustPolicy]),
      say.annotate(words.annotate[facts.annotate]),
      say.retention(retentionText(words, facts.retention)),
    ),
    lines(say.contacts(facts.contacts, facts.verified), say.outbox(facts.outbox)),
    ownFingerprint(words, facts),
  );
}

function ownFingerprint(words: Words, { jid, fingerprint }: StatusFacts): string {
  if (fingerprint === undefined) return words.noFingerprint(jid);
  return lines(words.ownFingerprint(jid), fingerprintLines(fingerprint));
}

function contacts(words: Words, all: readonly ContactFacts[]): string {
  if (all.length === 0) return words.noContacts;
  const listed = all
    .slice(0, maxListed)
    .map((contact) => lines(contact.jid, `    ${contactLine(words, contact)}`, blocked(words, contact)));
  return lines(...listed, all.length > maxListed ? words.more(all.length - maxListed) : undefined);
}

function contactLine(words: Words, { trust, policy, isOwnPolicy, devices }: ContactFacts): string {
  const inUse = devices.filter(({ state }) => state !== 'removed').length;
  return words.contactLine(words.trust[trust], words.policy[policy], isOwnPolicy, inUse);
}

function blocked(words: Words, { blocked: reason }: ContactFacts): string | undefined {
  return reason === undefined ? undefined : `    ${words.blocked(reason)}`;
}

/** All about one contact that helps to decide. */
function about(words: Words, contact: ContactFacts): string {
  const { jid, fingerprint, nextFingerprint, lastMessage } = contact;
  return paragraphs(
    fingerprint === undefined
      ? words.noFingerprint(jid)
      : lines(words.theirFingerprint(jid), fingerprintLines(fingerprint)),
    nextFingerprint === undefined ? undefined : lines(words.nextFingerprint(jid), fingerprintLines(nextFingerprint)),
    lines(
      contactLine(words, contact),
      ...contact.devices.map((device) => deviceLine(words, device)),
      lastMessage === undefined ? undefined : words.lastMessage(dayAndTime(lastMessage)),
      contact.blocked === undefined ? undefined : words.blocked(contact.blocked),
    ),
  );
}

async function verify(desk: Desk, words: Words, { who, step }: Extract<Command, { name: 'verify' }>): Promise<string> {
  switch (step.kind) {
    case 'show': {
      const contact = await desk.contact(who);
      return paragraphs(
        about(words, contact),
        ownFingerprint(words, desk.status()),
        contact.fingerprint === undefined
          ? undefined
          : words.verifyHow(contact.jid, contact.nextFingerprint?.replaceAll(' ', '') ?? 'same'),
      );
    }
    case 'same':
      return words.verified((await desk.verify(who)).jid);
    case 'fingerprint':
      return words.verified((await desk.verify(who, step.fingerprint)).jid);
    case 'start':
      return begun(words, await desk.startVerification(who));
    case 'digits':
      return words.verification(await desk.typeVerification(who, step.digits), undefined);
  }
}

function begun(words: Words, facts: VerificationFacts): string {
  return facts.state === 'asked' ? words.verificationAsked(facts.contact) : words.verification(facts, undefined);
}

async function policy(
  desk: Desk,
  words: Words,
  { who, policy: chosen }: Extract<Command, { name: 'policy' }>,
): Promise<string> {
  if (chosen !== undefined) desk.setPolicy(who, chosen);
  const current = who === undefined ? desk.status().policy : (await desk.contact(who)).policy;
  return words.policySet(who, words.policy[current]);
}

function devices(words: Words, all: readonly DeviceFacts[]): string {
  if (all.length === 0) return words.noDevices;
  return lines(...all.slice(0, maxListed).map((device) => deviceLine(words, device)));
}

function deviceLine(words: Words, { id, state, isThis, since, lastSeen, code, note }: DeviceFacts): string {
  return lines(
    words.deviceLine(
      shortId(id),
      words.deviceState[state],
      isThis,
      day(since),
      lastSeen === undefined ? undefined : day(lastSeen),
    ),
    note === undefined ? undefined : `  ${note}`,
    code === undefined || isThis ? undefined : words.approveHow(shownCode(code), shortId(id)),
  );
}

function outbox(desk: Desk, words: Words): string {
  const all = desk.outbox();
  if (all.length === 0) return words.outboxEmpty;
  const listed = all
    .slice(0, maxListed)
    .map(({ number, at, to, text, reason }) => words.unsentLine(number, dayAndTime(at), to, oneLine(text), reason));
  return paragraphs(
    lines(...listed, all.length > maxListed ? words.more(all.length - maxListed) : undefined),
    words.outboxFoot,
  );
}

function history(words: Words, text: string, found: readonly HistoryFacts[]): string {
  if (found.length === 0) return words.nothingFound(text);
  return lines(
    ...found.map(({ at, contact, isOwn, text, state }) => {
      const who = isOwn ? `${words.me} → ${contact}` : contact;
      return `${dayAndTime(at)} ${who}: ${oneLine(text, 200)}${words.messageState[state]}`;
    }),
  );
}
