// What a stanza of type error says (RFC 6120 §8.3), for the answers to requests
// of our own. What is not as the RFC has it is read as far as it goes.
import { SimppError } from '../errors.ts';
import { textOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { namespaceOf } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import { childrenOf, findChild } from './stanza.ts';
import type { StanzaError } from './stream-error.ts';

/** Why a request was refused. */
export interface Refusal {
  /** `cancel`, `wait`, …; empty when it is not said. */
  readonly type: string;
  /** Defined condition (RFC 6120 §8.3.3); `undefined-condition` when none is named. */
  readonly condition: string;
  /** Condition of the application, as pubsub's `precondition-not-met`; empty when none is named. */
  readonly detail: string;
  /** Words of the other side, at most 500 characters; empty without. */
  readonly text: string;
}

/** What a refusal means, in the words of RFC 6120 §8.3. */
export type DefinedError = Pick<StanzaError, 'type' | 'condition'>;

const types: readonly StanzaError['type'][] = ['auth', 'cancel', 'modify', 'wait'];

/** Those that mean for a message what they mean for a request: its addressee is not reached, or must not be. */
const conditions: ReadonlySet<string> = new Set([
  'internal-server-error',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'policy-violation',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
]);

/** The same refusal for a message to the one who was asked; undefined where it says nothing about messages. */
export function refusalOfMessages({ type: written, condition }: Refusal): DefinedError | undefined {
  const type = types.find((each) => each === written);
  return type !== undefined && conditions.has(condition) ? { type, condition } : undefined;
}

const maxTextLength = 500;
/** Of a longer stanza nothing is read. */
const maxStanzaBytes = 64 * 1024;

/** Reads the `<error/>` of a stanza. */
export function readRefusal(stanza: Uint8Array, scope: Bindings): Refusal {
  const refusal = { type: '', condition: 'undefined-condition', detail: '', text: '' };
  if (stanza.length > maxStanzaBytes) return refusal;
  const error = findChild(stanza, scope, ns.client, 'error');
  if (error === undefined) return refusal;
  refusal.type = error.tag.attributes.get('type') ?? '';
  for (const child of childrenOf(error.bytes, error.scope)) {
    const isDefined = namespaceOf(child.tag, child.scope) === ns.stanzaErrors;
    if (!isDefined) refusal.detail ||= child.tag.local;
    else if (child.tag.local === 'text') refusal.text ||= wordsOf(child.bytes);
    else if (refusal.condition === 'undefined-condition') refusal.condition = child.tag.local;
  }
  return refusal;
}

function wordsOf(text: Uint8Array): string {
  try {
    return textOf(text).slice(0, maxTextLength);
  } catch (error) {
    // Elements where words belong: then there are none.
    if (error instanceof SimppError) return '';
    throw error;
  }
}
