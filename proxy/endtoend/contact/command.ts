// What a person types to the virtual contact, read forgivingly: case, spaces,
// a slash in front, an address as a client pastes it, digits in any groups.
// What it does is the business of answer.ts.
import { annotations, policies, type Annotate, type Policy } from '../desk.ts';
import { isVerifyUri, readVerifyUri } from '../verify-uri.ts';
import { bareJid } from '../../../shared/xmpp/jid.ts';
import { nearest } from '../../config/nearest.ts';

export const commandNames = [
  'help',
  'status',
  'contacts',
  'fingerprint',
  'verify',
  'trust',
  'policy',
  'devices',
  'approve',
  'remove',
  'outbox',
  'resend',
  'discard',
  'annotate',
  'retention',
  'history',
] as const;
export type CommandName = (typeof commandNames)[number];

export type Decision = 'accept' | 'refuse' | 'reset';

export type Command =
  | { readonly name: 'help'; readonly about?: CommandName | undefined }
  | { readonly name: 'status' | 'contacts' | 'devices' | 'outbox' }
  | { readonly name: 'fingerprint'; readonly who?: string | undefined }
  /** `fingerprint` is the person's word, `same` that they have compared, `digits` what the other side shows. */
  | { readonly name: 'verify'; readonly who: string; readonly step: VerifyStep }
  | { readonly name: 'trust'; readonly who: string; readonly decision: Decision }
  | { readonly name: 'trust-policy'; readonly policy: 'blind' | 'manual' }
  | { readonly name: 'policy'; readonly who?: string | undefined; readonly policy?: Policy | 'default' | undefined }
  | { readonly name: 'approve' | 'remove'; readonly device: string }
  | { readonly name: 'resend' | 'discard'; readonly number: number | undefined }
  | { readonly name: 'annotate'; readonly annotate: Annotate }
  | { readonly name: 'retention'; readonly retention: 'keep' | 'none' | number }
  | { readonly name: 'history'; readonly text: string; readonly who?: string | undefined };

export type VerifyStep =
  | { readonly kind: 'show' | 'start' | 'same' }
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'fingerprint'; readonly fingerprint: string };

/** What a text is: a command, one that lacks something or is written wrongly, or none that is known. */
export type Reading =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'incomplete'; readonly name: CommandName }
  | { readonly kind: 'unknown'; readonly word: string; readonly nearest: CommandName | undefined };

/** Longest text that is read; anything longer is no command. */
const maxTextLength = 8192;

/** Words of other languages and habits for the same. */
const synonyms: Readonly<Record<string, CommandName>> = {
  '?': 'help',
  hilfe: 'help',
  list: 'contacts',
  kontakte: 'contacts',
  fp: 'fingerprint',
  fingerabdruck: 'fingerprint',
  geräte: 'devices',
  unsent: 'outbox',
  search: 'history',
};

/** Reads what was typed; `contacts` are the bare JIDs that a name without @ may mean. */
export function readCommand(text: string, contacts: readonly string[] = []): Reading {
  const cleaned = text.slice(0, maxTextLength).normalize('NFKC').trim();
  if (isVerifyUri(cleaned)) return verifyReading(cleaned.split(/\s+/));
  const words = cleaned.replace(/^[/!]\s*/, '').split(/\s+/);
  const word = (words[0] ?? '').toLowerCase().replace(/[.:!,]+$/, '');
  const name = commandNames.find((each) => each === word) ?? synonyms[word];
  if (name === undefined) return { kind: 'unknown', word: word.slice(0, 40), nearest: nearestCommand(word) };
  const command = readArguments(name, words.slice(1), contacts);
  return command === undefined ? { kind: 'incomplete', name } : { kind: 'command', command };
}

function nearestCommand(word: string): CommandName | undefined {
  const found = nearest(word.slice(0, 40), commandNames);
  return commandNames.find((each) => each === found);
}

function verifyReading(words: readonly string[]): Reading {
  const command = readArguments('verify', words, []);
  return command === undefined ? { kind: 'incomplete', name: 'verify' } : { kind: 'command', command };
}

/** Undefined where something is missing or is not understood. */
function readArguments(name: CommandName, words: readonly string[], contacts: readonly string[]): Command | undefined {
  const [first, ...rest] = words;
  const lower = words.map((word) => word.toLowerCase());
  switch (name) {
    case 'help':
      return { name, about: commandNames.find((each) => each === lower[0]) };
    case 'status':
    case 'contacts':
    case 'devices':
    case 'outbox':
      return { name };
    case 'fingerprint':
      return { name, ...(first === undefined ? {} : { who: addressOf(first, contacts) }) };
    case 'verify':
      return readVerify(first, rest, contacts);
    case 'trust':
      return readTrust(words, lower, contacts);
    case 'policy':
      return readPolicy(words, lower, contacts);
    case 'approve':
    case 'remove':
      return first === undefined ? undefined : { name, device: words.join('').toLowerCase() };
    case 'resend':
      return first === undefined || lower[0] === 'all' ? { name, number: undefined } : numbered(name, first);
    case 'discard':
      return lower[0] === 'all' ? { name, number: undefined } : numbered(name, first);
    case 'annotate': {
      const annotate = annotations.find((each) => each === lower[0]);
      return annotate === undefined ? undefined : { name, annotate };
    }
    case 'retention':
      return readRetention(lower);
    case 'history':
      return readHistory(lower[0] === 'search' ? rest : words);
  }
}

function readVerify(
  first: string | undefined,
  rest: readonly string[],
  contacts: readonly string[],
): Command | undefined {
  if (first === undefined) return undefined;
  if (isVerifyUri(first)) {
    return { name: 'verify', who: readVerifyUri(first).jid, step: { kind: 'fingerprint', fingerprint: first } };
  }
  const who = addressOf(first, contacts);
  const word = rest.join(' ').trim();
  const digits = word.replace(/[\s.:_-]/g, '');
  if (word === '') return { name: 'verify', who, step: { kind: 'show' } };
  if (/^(start|digits|begin|answer)$/i.test(word)) return { name: 'verify', who, step: { kind: 'start' } };
  if (/^(same|ok|yes|gleich|ja)$/i.test(word)) return { name: 'verify', who, step: { kind: 'same' } };
  if (/^\d{6}$/.test(digits)) return { name: 'verify', who, step: { kind: 'digits', digits } };
  if (/^\d{60}$/.test(digits)) return { name: 'verify', who, step: { kind: 'fingerprint', fingerprint: digits } };
  if (isVerifyUri(word)) return { name: 'verify', who, step: { kind: 'fingerprint', fingerprint: word } };
  return undefined;
}

const decisions: readonly Decision[] = ['accept', 'refuse', 'reset'];

function readTrust(
  words: readonly string[],
  lower: readonly string[],
  contacts: readonly string[],
): Command | undefined {
  const policy = lower.find((word) => word === 'blind' || word === 'manual');
  if (policy !== undefined) return { name: 'trust-policy', policy };
  const at = lower.findIndex((word) => decisions.some((decision) => decision === word));
  const who = words[at === 0 ? 1 : 0];
  if (at < 0 || who === undefined) return undefined;
  return { name: 'trust', who: addressOf(who, contacts), decision: decisions.find((each) => each === lower[at])! };
}

function readPolicy(
  words: readonly string[],
  lower: readonly string[],
  contacts: readonly string[],
): Command | undefined {
  const choices = [...policies, 'default'] as const;
  const policy = choices.find((choice) => lower.includes(choice));
  const who = words.filter((word) => word.toLowerCase() !== policy);
  if (who.length > 1) return undefined;
  if (who[0] === undefined) return policy === 'default' ? undefined : { name: 'policy', policy };
  return { name: 'policy', who: addressOf(who[0], contacts), policy };
}

function readRetention([word]: readonly string[]): Command | undefined {
  if (word === 'keep' || word === 'none') return { name: 'retention', retention: word };
  const days = wholeNumber(word);
  return days === undefined ? undefined : { name: 'retention', retention: days };
}

function readHistory(words: readonly string[]): Command | undefined {
  const who = words.length > 1 && words[0]?.includes('@') === true ? addressOf(words[0], []) : undefined;
  const text = words.slice(who === undefined ? 0 : 1).join(' ');
  return text === '' ? undefined : { name: 'history', text, ...(who === undefined ? {} : { who }) };
}

function numbered(name: 'resend' | 'discard', word: string | undefined): Command | undefined {
  const number = wholeNumber(word?.replace(/^#/, ''));
  return number === undefined ? undefined : { name, number };
}

function wholeNumber(word: string | undefined): number | undefined {
  return word !== undefined && /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
}

/** The address that a word means: as clients paste it, or the name of one contact. Throws SimppError `jid-invalid`. */
export function addressOf(word: string, contacts: readonly string[]): string {
  const written = word
    .replace(/^["'<(]+|["'>),;]+$/g, '')
    .replace(/^xmpp:/i, '')
    .replace(/\?.*$/, '');
  if (!written.includes('@')) {
    const named = contacts.filter((jid) => jid.split('@')[0] === written.toLowerCase());
    if (named.length === 1) return named[0]!;
  }
  return bareJid(written);
}
