// The forms of ad-hoc commands (XEP-0004): the same words that one would type
// in the chat, one field for each.
import { element, escapeText, type Xml } from '../../../shared/xml/write.ts';
import { textOf } from '../../../shared/xml/children.ts';
import { isElement } from '../../../shared/xml/tag.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { childrenOf, findChild, type Child } from '../../../shared/xmpp/stanza.ts';
import { annotations, policies } from '../desk.ts';
import type { CommandName } from './command.ts';
import type { Words } from './words/words.ts';

interface Field {
  readonly name: keyof Words['form'];
  readonly isRequired: boolean;
  readonly type: 'text-single' | 'jid-single' | 'list-single';
  readonly options?: (words: Words) => readonly (readonly [value: string, label: string])[];
}

const who: Field = { name: 'who', type: 'jid-single', isRequired: true };
const anyone: Field = { ...who, isRequired: false };
const device: Field = { name: 'device', type: 'text-single', isRequired: true };
const number: Field = { name: 'number', type: 'text-single', isRequired: true };
const decisions = ['accept', 'refuse', 'reset'] as const;

/** The fields in the order in which one types them; commands without have no form. */
const fields: Readonly<Partial<Record<CommandName, readonly Field[]>>> = {
  fingerprint: [anyone],
  verify: [who, { name: 'word', type: 'text-single', isRequired: false }],
  trust: [
    who,
    { name: 'decision', type: 'list-single', isRequired: true, options: () => decisions.map((each) => [each, each]) },
  ],
  policy: [
    anyone,
    {
      name: 'policy',
      type: 'list-single',
      isRequired: false,
      options: (words) => [...policies.map((each) => [each, words.policy[each]] as const), ['default', 'default']],
    },
  ],
  approve: [device],
  remove: [device],
  resend: [number],
  discard: [number],
  annotate: [
    {
      name: 'annotate',
      type: 'list-single',
      isRequired: true,
      options: (words) => annotations.map((each) => [each, words.annotate[each]]),
    },
  ],
  retention: [{ name: 'days', type: 'text-single', isRequired: true }],
  history: [{ name: 'text', type: 'text-single', isRequired: true }],
};

/** The form of a command; undefined where it needs nothing. */
export function formOf(name: CommandName, words: Words): Xml | undefined {
  const of = fields[name];
  if (of === undefined) return undefined;
  const { usage, summary } = words.commands[name];
  return element(
    'x',
    { xmlns: ns.dataForms, type: 'form' },
    element('title', {}, escapeText(name)),
    element('instructions', {}, escapeText(`${summary}: ${usage}`)),
    ...of.map((field) => fieldElement(field, words)),
  );
}

function fieldElement({ name, type, isRequired, options }: Field, words: Words): Xml {
  return element(
    'field',
    { var: name, type, label: words.form[name] },
    ...(isRequired ? [element('required')] : []),
    ...(options?.(words) ?? []).map(([value, label]) =>
      element('option', { label }, element('value', {}, escapeText(value))),
    ),
  );
}

/** What a form says: the command as it would have been typed, `cancel`, or nothing that can be read. */
export type Submission =
  { readonly kind: 'typed'; readonly text: string } | { readonly kind: 'cancel' } | { readonly kind: 'unreadable' };

/** Reads the form that `<command/>` carries. */
export function readSubmission(name: CommandName, command: Child): Submission {
  const form = findChild(command.bytes, command.scope, ns.dataForms, 'x');
  const type = form?.tag.attributes.get('type');
  if (type === 'cancel') return { kind: 'cancel' };
  if (form === undefined || type !== 'submit') return { kind: 'unreadable' };
  const values = new Map<string, string>();
  for (const field of childrenOf(form.bytes, form.scope)) {
    const variable = field.tag.attributes.get('var');
    const value = findChild(field.bytes, field.scope, ns.dataForms, 'value');
    if (variable === undefined || value === undefined || !isElement(field.tag, field.scope, ns.dataForms, 'field'))
      continue;
    values.set(variable, textOf(value.bytes).trim());
  }
  const typed = (fields[name] ?? []).map((field) => values.get(field.name) ?? '');
  return { kind: 'typed', text: [name, ...typed].filter((word) => word !== '').join(' ') };
}
