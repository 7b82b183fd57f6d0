// The envelope of XEP-0420 (Stanza Content Encryption, version 0.4) as
// docs/protocol.md §9.5 uses it: what is sealed is one of these. The reader
// takes nothing for granted: it reads what a peer has made.

import { concat, toBase64, utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { maxEnvelopeBytes } from '../simpp/end-to-end-messages.ts';
import type { Entropy } from '../simpp/entropy.ts';
import { childElements } from '../xml/children.ts';
import { inheritedPrefixes } from '../xml/inherited.ts';
import { clientLimits } from '../xml/scanner.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement, noBindings, readStartTag } from '../xml/tag.ts';
import { checkElement } from '../xml/whole.ts';
import { element, escapeText, startTag } from '../xml/write.ts';
import { type EnvelopeContent, readContent } from './envelope-content.ts';
import { bareJid } from './jid.ts';
import { ns } from './namespaces.ts';
import { isBlank, nodesOf } from './nodes.ts';
import { type Child, stanzaHead } from './stanza.ts';

/** What an envelope is made of; JIDs are bare and prepared, `time` is in milliseconds since 1970. */
export interface EnvelopeParts {
  /** What stands in `<content/>`, in the envelope's namespace where it declares none. */
  readonly content: Uint8Array;
  readonly from: string;
  readonly to: string;
  readonly time: number;
  readonly lang?: string | undefined;
  /** The message's own type where the wire has another one; '' for none. */
  readonly innerType?: 'normal' | '' | undefined;
}

/** An envelope that was read; `content` is the whole `<content/>`, `scope` the bindings around it. */
export interface Envelope extends Omit<EnvelopeParts, 'innerType'>, EnvelopeContent {
  readonly scope: Bindings;
}

/** What a payload has beside the envelope: tag and list versions of `Content` (§9.4), and the AEAD tag. */
export const payloadOverheadBytes = 1 + 2 * (8 + 32) + 16;

const smallestPayload = 256;
const largestPower = 8 * 1024;
// What a client may nest in a message stands one deeper in an envelope.
const limits = { maxBytes: maxEnvelopeBytes, maxDepth: clientLimits.maxDepth + 1 };
const padOpen = '<rpad>';
const padClose = '</rpad></envelope>';

/** Length of the payload for one that needs `bytes` (§9.5): powers of two hide more of short messages. */
export function paddedSize(bytes: number): number {
  let size = smallestPayload;
  while (size < bytes && size < largestPower) size *= 2;
  return size >= bytes ? size : Math.ceil(bytes / largestPower) * largestPower;
}

/** UTF-8 of an envelope whose payload has one of the sizes of §9.5; throws SimppError `too-large`. */
export function writeEnvelope(parts: EnvelopeParts, entropy: Pick<Entropy, 'bytes'>): Uint8Array {
  const { content, from, to, time, lang, innerType } = parts;
  const type = innerType === undefined ? '' : element('type', { xmlns: ns.simppMessages }, escapeText(innerType));
  const head = utf8(
    `${startTag('envelope', { xmlns: ns.envelope })}${startTag('content', { 'xml:lang': lang })}${type}`,
  );
  const affixes = [
    element('time', { stamp: new Date(time).toISOString() }),
    element('from', { jid: from }),
    element('to', { jid: to }),
  ];
  const tail = utf8(`</content>${affixes.join('')}${padOpen}`);
  const close = utf8(padClose);
  const length = head.length + content.length + tail.length + close.length;
  const padding = paddedSize(length + payloadOverheadBytes) - payloadOverheadBytes - length;
  if (length + padding > maxEnvelopeBytes) throw new SimppError('too-large');
  return concat(head, content, tail, randomText(padding, entropy), close);
}

/** Characters that do not compress, should anything on the way try (XEP-0420 §3). */
function randomText(length: number, entropy: Pick<Entropy, 'bytes'>): Uint8Array {
  return utf8(toBase64(entropy.bytes(Math.ceil(length / 4) * 3)).slice(0, length));
}

/** Throws SimppError unless the bytes are an envelope as §9.5 has it: each affix once, nothing else, nothing forged. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  checkElement(bytes, limits);
  inheritedPrefixes(bytes, noBindings);
  const tag = readStartTag(bytes);
  if (!isElement(tag, noBindings, ns.envelope, 'envelope')) throw malformed('It is no envelope.');
  const { content, time, from, to } = affixes(bytes);
  return {
    content: content.bytes,
    scope: content.scope,
    time: timeOf(time.tag.attributes.get('stamp') ?? ''),
    from: addressOf(from),
    to: addressOf(to),
    lang: content.tag.attributes.get('xml:lang'),
    ...readContent(content),
  };
}

const affixNames = ['content', 'time', 'from', 'to', 'rpad'] as const;

function affixes(envelope: Uint8Array): Readonly<Record<(typeof affixNames)[number], Child>> {
  const found = new Map<string, Child>();
  for (const node of nodesOf(envelope, noBindings)) {
    if (node.kind === 'text') {
      if (!isBlank(node.bytes)) throw malformed('Text stands in it.');
      continue;
    }
    const { namespace, local } = stanzaHead(node.bytes, node.scope);
    const name = affixNames.find((affix) => affix === local && namespace === ns.envelope);
    if (name === undefined || found.has(name)) throw malformed('It has an element that it must not have.');
    if (name !== 'content' && childElements(node.bytes).length > 0) throw malformed('An affix has children.');
    found.set(name, node);
  }
  const take = (name: string): Child => {
    const child = found.get(name);
    if (child === undefined) throw malformed(`It has no <${name}/>.`);
    return child;
  };
  return { content: take('content'), time: take('time'), from: take('from'), to: take('to'), rpad: take('rpad') };
}

/** A time as XEP-0082 writes it, in milliseconds since 1970. */
function timeOf(stamp: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(stamp);
  const time = isTime ? Date.parse(stamp) : Number.NaN;
  if (Number.isNaN(time)) throw malformed('Its time is none.');
  return time;
}

/** Both are compared with the stanza's, so there is one way to write them (§2.4). */
function addressOf(affix: Child): string {
  const jid = affix.tag.attributes.get('jid') ?? '';
  let prepared: string;
  try {
    prepared = bareJid(jid);
  } catch (cause) {
    throw malformed('An address in it is none.', cause);
  }
  if (prepared !== jid) throw malformed('An address in it is not bare, or not prepared.');
  return jid;
}

function malformed(what: string, cause?: unknown): SimppError {
  return new SimppError(
    'malformed-message',
    `The envelope cannot be read. ${what}`,
    cause === undefined ? {} : { cause },
  );
}
