// The message on the wire (docs/protocol.md §9.5): what carries a C6, and how
// it is found in what comes.

import { concat, fromBase64, toBase64, utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { textOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement, readStartTag } from '../xml/tag.ts';
import { element, escapeText, startTag, type Xml } from '../xml/write.ts';
import { ns } from './namespaces.ts';
import type { SealableMessage } from './sealable.ts';
import { findChild } from './stanza.ts';

const encryptedName = utf8('encrypted');

/**
 * The C6 that a message carries; undefined where it carries none. Throws SimppError `malformed-message` when what
 * stands there is not canonical base64.
 */
export function encryptedChild(stanza: Uint8Array, scope: Bindings): Uint8Array | undefined {
  // Nearly all stanzas end here; a name can be written in one way only, so that none is missed.
  if (!includes(stanza, encryptedName)) return undefined;
  if (!isElement(readStartTag(stanza), scope, ns.client, 'message')) return undefined;
  const child = findChild(stanza, scope, ns.simppMessages, 'encrypted');
  if (child === undefined) return undefined;
  try {
    return fromBase64(textOf(child.bytes));
  } catch (cause) {
    throw new SimppError('malformed-message', 'What a message says to be encrypted is not base64.', { cause });
  }
}

function includes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const first = wanted[0]!;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length++;
    if (length === wanted.length) return true;
  }
  return false;
}

/** A client's message as it goes out: its own start tag, the C6, what stays outside, and how servers shall store it. */
export function writeEncrypted(message: SealableMessage, c6: Uint8Array): Uint8Array {
  const { name } = readStartTag(message.startTag);
  const hint = message.hint === undefined ? [] : [hintNamed(message.hint)];
  const sealed = utf8([...sealedChildren(c6), ...hint].join(''));
  return concat(message.startTag, sealed, ...message.outside, utf8(`</${name}>`));
}

/** A message of SIMPP's own; `isForLater`: it is of use to a device that is offline now. */
export interface ControlMessage {
  readonly to: string;
  readonly id: string;
  readonly isForLater: boolean;
}

/** A control message: kept in no archive, and only for those who are offline if it must be (transparency.md §5.7). */
export function writeControl({ to, id, isForLater }: ControlMessage, c6: Uint8Array): Uint8Array {
  const hints = isForLater ? ['no-permanent-store', 'store'] : ['no-permanent-store'];
  const open = startTag('message', { xmlns: ns.client, type: 'chat', to, id });
  return utf8(`${open}${[...sealedChildren(c6), ...hints.map(hintNamed)].join('')}</message>`);
}

function sealedChildren(c6: Uint8Array): readonly Xml[] {
  return [
    element('encrypted', { xmlns: ns.simppMessages }, escapeText(toBase64(c6))),
    element('encryption', { xmlns: ns.encryptionName, namespace: ns.simppMessages, name: 'SIMPP' }),
  ];
}

function hintNamed(name: string): Xml {
  return element(name, { xmlns: ns.hints });
}
