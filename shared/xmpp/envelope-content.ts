// What an envelope says: content of a client, or one control element of
// docs/protocol.md §9.5 alone. Anything in between is refused, so that no
// message can be shown and also do something.

import { fromBase64 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { childElements, textOf } from '../xml/children.ts';
import { isElement, namespaceOf } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import { isBlank, nodesOf } from './nodes.ts';
import { isForbiddenInside, isOutside, isOutsideName } from './outside.ts';
import type { Child } from './stanza.ts';
import { readTrustMessage, type TrustMessage } from './trust-message.ts';

/** Steps of a verification by a short string (§9.6). */
export type VerificationStep = 'commit' | 'nonce' | 'reveal';

/** One step; `value` has 32 bytes in the first, 16 in the others. */
export interface Verification {
  readonly id: string;
  readonly step: VerificationStep;
  readonly value: Uint8Array;
}

/** What stands in `<content/>`. */
export type Meaning =
  | { readonly kind: 'content' }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'verification'; readonly verification: Verification }
  | { readonly kind: 'opt-out' }
  | { readonly kind: 'trust'; readonly trust: TrustMessage };

/** A content, judged. */
export interface EnvelopeContent {
  readonly innerType: 'normal' | '' | undefined;
  readonly meaning: Meaning;
}

const valueBytes: Readonly<Record<VerificationStep, number>> = { commit: 32, nonce: 16, reveal: 16 };
/** Longest id of a verification, in characters. */
export const maxVerificationId = 64;

/** Reads a `<content/>`; throws SimppError `malformed-message` for what must not stand there. */
export function readContent(content: Child): EnvelopeContent {
  const nodes = nodesOf(content.bytes, content.scope);
  const children = nodes.filter((node) => node.kind === 'element');
  const types = children.filter((child) => isOwn(child, 'type'));
  const rest = children.filter((child) => !types.includes(child));
  const innerType = types[0] === undefined ? undefined : textIn(types[0]);
  if (types.length > 1 || (innerType !== undefined && innerType !== '' && innerType !== 'normal')) {
    throw refused('Its type is none that can be sealed.');
  }
  const isSilent = nodes.every((node) => node.kind === 'element' || isBlank(node.bytes));
  if (children.length === 0 && isSilent) return { innerType, meaning: { kind: 'heartbeat' } };
  const meaning = children.length === 1 && isSilent ? controlOf(children[0]!) : undefined;
  if (meaning === undefined) checkContent(rest);
  return { innerType, meaning: meaning ?? { kind: 'content' } };
}

function isOwn({ tag, scope }: Child, local: string): boolean {
  return isElement(tag, scope, ns.simppMessages, local);
}

/** Whether a child of a content stands for one that stayed outside; which one. */
export function placeholderOf({
  tag,
  scope,
}: Child): { readonly namespace: string; readonly local: string } | undefined {
  if (!isElement(tag, scope, ns.simppMessages, 'outside')) return undefined;
  return { namespace: tag.attributes.get('ns') ?? '', local: tag.attributes.get('name') ?? '' };
}

function checkContent(children: readonly Child[]): void {
  for (const child of children) {
    const placeholder = placeholderOf(child);
    if (placeholder !== undefined) {
      if (isOutsideName(placeholder.namespace, placeholder.local) && isEmpty(child)) continue;
      throw refused('It has a place for what cannot stand outside.');
    }
    const { tag, scope } = child;
    if (isOutside(tag, scope) || isForbiddenInside(tag, scope)) {
      throw refused('It has an element that only servers may add, or one that must stand alone.');
    }
  }
}

function controlOf(child: Child): Meaning | undefined {
  if (namespaceOf(child.tag, child.scope) === ns.trustMessages) {
    const trust = readTrustMessage(child);
    return trust === undefined ? undefined : { kind: 'trust', trust };
  }
  if (isOwn(child, 'broken') && isEmpty(child)) return { kind: 'broken' };
  if (isOwn(child, 'opt-out') && isEmpty(child)) return { kind: 'opt-out' };
  if (isOwn(child, 'verification')) return { kind: 'verification', verification: readVerification(child) };
  return undefined;
}

function isEmpty(child: Child): boolean {
  return childElements(child.bytes).length === 0 && textOf(child.bytes).trim() === '';
}

function readVerification(child: Child): Verification {
  const id = child.tag.attributes.get('id') ?? '';
  const step = child.tag.attributes.get('step');
  if (id === '' || id.length > maxVerificationId) throw refused('The id of the verification is empty or too long.');
  if (step !== 'commit' && step !== 'nonce' && step !== 'reveal') throw refused('The verification has no such step.');
  let value: Uint8Array;
  try {
    value = fromBase64(textIn(child));
  } catch (cause) {
    throw refused('The value of the verification is not base64.', cause);
  }
  if (value.length !== valueBytes[step]) throw refused('The value of the verification has a wrong length.');
  return { id, step, value };
}

function textIn(child: Child): string {
  if (childElements(child.bytes).length > 0) throw refused('Elements stand where text belongs.');
  return textOf(child.bytes);
}

function refused(what: string, cause?: unknown): SimppError {
  return new SimppError(
    'malformed-message',
    `The envelope cannot be read. ${what}`,
    cause === undefined ? {} : { cause },
  );
}
