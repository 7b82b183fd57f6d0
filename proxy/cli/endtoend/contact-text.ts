// What is known of a contact, in words: a table of all, and one in detail.
import type { ContactFacts, DeviceFacts } from '../../endtoend/desk.ts';
import { fingerprintLines, day, shortId } from '../../endtoend/contact/layout.ts';
import { english } from '../../endtoend/contact/words/english.ts';
import { ago } from '../accounts.ts';
import { tableLines } from '../table.ts';

/** All contacts; `columns` of the terminal, if it is one. */
export function contactLines(
  contacts: readonly ContactFacts[],
  now: number,
  columns: number | undefined,
): readonly string[] {
  const column = (head: string, leastOf: number, cell: (contact: ContactFacts) => string) => ({
    head,
    leastOf,
    cells: contacts.map(cell),
  });
  const table = tableLines(
    [
      column('CONTACT', 0, ({ jid }) => jid),
      column('TRUST', 0, ({ trust }) => english.trust[trust]),
      column('MESSAGES', 1, policyText),
      { ...column('DEVICES', 3, ({ devices }) => String(inUse(devices))), isNumber: true },
      column('LAST MESSAGE', 2, ({ lastMessage }) => (lastMessage === undefined ? '' : ago(lastMessage, now))),
      column('FINGERPRINT', 4, ({ fingerprint }) => (fingerprint === undefined ? '' : `${fingerprint.slice(0, 11)} …`)),
    ],
    columns,
  );
  const held = contacts.flatMap(({ jid, blocked }) => (blocked === undefined ? [] : [`  ${jid}: ${blocked}`]));
  return held.length === 0 ? table : [...table, '', 'Nothing is sent at the moment to:', ...held];
}

/** Everything about one. */
export function contactDetail(contact: ContactFacts, now: number): readonly string[] {
  const { jid, trust, fingerprint, nextFingerprint, devices, lastMessage, blocked } = contact;
  const line = (what: string, text: string): string => `  ${what.padEnd(13)} ${text}`;
  const key = (what: string, digits: string | undefined): string[] =>
    digits === undefined ? [] : blockOf(what, fingerprintLines(digits).split('\n'));
  return [
    jid,
    line('trust', fingerprint === undefined ? 'no key is known' : english.trust[trust]),
    ...key('fingerprint', fingerprint),
    ...key('another key', nextFingerprint),
    line('messages', policyText(contact)),
    ...(lastMessage === undefined ? [] : [line('last message', ago(lastMessage, now))]),
    ...devices.map((device) => line('device', `${shortId(device.id)}  ${deviceText(device)}`)),
    ...(blocked === undefined ? [] : [line('blocked', blocked)]),
  ];
}

/** What a device is, without its id. */
export function deviceText({ state, isThis, since, lastSeen }: DeviceFacts): string {
  const seen = lastSeen === undefined ? '' : `, last seen ${day(lastSeen)}`;
  return `${english.deviceState[state]}${isThis ? ', this one' : ''}, since ${day(since)}${seen}`;
}

/** What can be done about a contact, as commands. */
export function nextSteps({ jid, fingerprint, nextFingerprint, trust, blocked }: ContactFacts): readonly string[] {
  if (fingerprint === undefined && nextFingerprint === undefined) return [];
  const compare = `To be sure that the key is theirs:     simpp verify ${jid}`;
  if (blocked === undefined) return trust === 'verified' ? [] : ['', compare];
  return [
    '',
    compare,
    `To go on without comparing:            simpp trust accept ${jid}`,
    `To send them nothing any more:         simpp trust refuse ${jid}`,
  ];
}

function policyText({ policy, isOwnPolicy }: ContactFacts): string {
  return `${english.policy[policy]}${isOwnPolicy ? ' (set for them)' : ''}`;
}

function inUse(devices: readonly DeviceFacts[]): number {
  return devices.filter(({ state }) => state !== 'removed').length;
}

/** Lines of which only the first has the caption. */
function blockOf(what: string, lines: readonly string[]): string[] {
  return lines.map((text, index) => `  ${(index === 0 ? what : '').padEnd(13)} ${text.trim()}`);
}
