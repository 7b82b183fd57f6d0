// C3 to C7 of the classic profile in messages (docs/protocol.md §10.3). The
// paper encrypts data and names nothing else: the text of a message goes in,
// all that is said beside it stays at home.
import { concat, fromBase64, toBase64, utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { textOf } from '../xml/children.ts';
import { isElement, namespaceOf, readStartTag, type Bindings } from '../xml/tag.ts';
import { element, escapeText, startTag, type Xml } from '../xml/write.ts';
import { ns } from './namespaces.ts';
import { isBlank, nodesOf } from './nodes.ts';
import { isOutside } from './outside.ts';
import { childrenOf, findChild } from './stanza.ts';

/** The C3, C4 or C6 that a message carries; undefined where it carries none. Throws SimppError `malformed-message`. */
export function classicChild(stanza: Uint8Array, scope: Bindings): Uint8Array | undefined {
  const child = findChild(stanza, scope, ns.simppClassicMessages, 'encrypted');
  if (child === undefined) return undefined;
  try {
    return fromBase64(textOf(child.bytes));
  } catch (cause) {
    throw new SimppError('malformed-message', 'What a message says to be encrypted is not base64.', { cause });
  }
}

/** A client's message with C6 in place of its text: its start tag and what is for servers stay, the rest goes nowhere. */
export function writeClassic(stanza: Uint8Array, scope: Bindings, c6: Uint8Array): Uint8Array {
  const tag = readStartTag(stanza);
  const outside = childrenOf(stanza, scope).filter((child) => isOutside(child.tag, child.scope));
  return concat(
    stanza.subarray(tag.start, tag.end),
    utf8(encrypted(c6)),
    ...outside.map(({ bytes }) => bytes),
    utf8(`</${tag.name}>`),
  );
}

/** C3 or C4, for those who are online now. */
export function writeClassicShare(to: string, id: string, share: Uint8Array): Uint8Array {
  const hints = ['no-store', 'no-copy'].map((name) => element(name, { xmlns: ns.hints }));
  const open = startTag('message', { xmlns: ns.client, type: 'chat', to, id });
  return utf8(`${open}${[encrypted(share), ...hints].join('')}</message>`);
}

function encrypted(bytes: Uint8Array): Xml {
  return element('encrypted', { xmlns: ns.simppClassicMessages }, escapeText(toBase64(bytes)));
}

const signals: ReadonlySet<string> = new Set([ns.chatStates, ns.receipts, ns.chatMarkers]);

/** Whether a message says something to programs only: who writes, what has come and was read. */
export function isSignal(stanza: Uint8Array, scope: Bindings): boolean {
  return nodesOf(stanza, scope).every((node) => {
    if (node.kind === 'text') return isBlank(node.bytes);
    const { tag, scope: inner } = node;
    if (isOutside(tag, inner) || isElement(tag, inner, ns.client, 'thread')) return true;
    return signals.has(namespaceOf(tag, inner) ?? '');
  });
}
