// Stream management, XEP-0198 version 1.6: its elements in both namespaces, and
// the arithmetic of its counters, which wrap at 2^32 (§4).

import { utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { withAttribute, withoutAttribute } from '../xml/attribute.ts';
import type { Bindings } from '../xml/tag.ts';
import { namespaceOf, readStartTag } from '../xml/tag.ts';
import { element, type Xml } from '../xml/write.ts';
import { ns } from './namespaces.ts';

/** The two namespaces, which differ in name only as far as a counter goes. */
export type SmNamespace = typeof ns.sm2 | typeof ns.sm3;

/** One element of stream management; an `h` that is no 32-bit number is undefined. */
export type SmElement = { readonly namespace: SmNamespace } & (
  | { readonly kind: 'enable'; readonly resume: boolean }
  | {
      readonly kind: 'enabled';
      readonly id: string | undefined;
      readonly resume: boolean;
      /** Seconds for which the server keeps a session whose connection is lost. */
      readonly max: number | undefined;
    }
  | { readonly kind: 'resume'; readonly previd: string; readonly h: number | undefined }
  | { readonly kind: 'resumed'; readonly previd: string; readonly h: number | undefined }
  | { readonly kind: 'failed'; readonly h: number | undefined }
  | { readonly kind: 'r' }
  | { readonly kind: 'a'; readonly h: number | undefined }
);

/** Local names of these elements: whoever looks at every element asks for the name first. */
export const smNames: ReadonlySet<string> = new Set(['enable', 'enabled', 'resume', 'resumed', 'failed', 'r', 'a']);

/** Reads an element of stream management; undefined for any other. */
export function readSm(bytes: Uint8Array, scope: Bindings): SmElement | undefined {
  const tag = readStartTag(bytes);
  const namespace = namespaceOf(tag, scope);
  if (namespace !== ns.sm2 && namespace !== ns.sm3) return undefined;
  const { attributes } = tag;
  const h = readUint32(attributes.get('h'));
  const resume = isTrue(attributes.get('resume'));
  switch (tag.local) {
    case 'enable':
      return { kind: 'enable', namespace, resume };
    case 'enabled':
      return { kind: 'enabled', namespace, resume, id: attributes.get('id'), max: readUint32(attributes.get('max')) };
    case 'resume':
    case 'resumed':
      return { kind: tag.local, namespace, previd: attributes.get('previd') ?? '', h };
    case 'failed':
    case 'a':
      return { kind: tag.local, namespace, h };
    case 'r':
      return { kind: 'r', namespace };
    default:
      return undefined;
  }
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

const modulus = 2 ** 32;

function readUint32(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,10}$/.test(value)) return undefined;
  const number = Number(value);
  return number < modulus ? number : undefined;
}

/** The `h` that says this many stanzas. */
export function handledField(count: number): number {
  return ((count % modulus) + modulus) % modulus;
}

/** How many more than `count` stanzas this `h` says, as far as 2^32 can tell. */
export function handledSince(count: number, h: number): number {
  return handledField(h - count);
}

const whole = (name: string, attributes: Readonly<Record<string, string | undefined>>, ...children: Xml[]) =>
  utf8(element(name, attributes, ...children));

/** `<enable/>` of a session that can be resumed. */
export function writeEnable(xmlns: SmNamespace): Uint8Array {
  return whole('enable', { xmlns, resume: 'true' });
}

/** `<enabled/>`; without an id, of a session that cannot be resumed. */
export function writeEnabled(xmlns: SmNamespace, session?: { readonly id: string; readonly max: number }): Uint8Array {
  if (session === undefined) return whole('enabled', { xmlns });
  return whole('enabled', { xmlns, id: session.id, resume: 'true', max: String(session.max) });
}

/** `<resume/>` of a session of which this many stanzas were handled. */
export function writeResume(xmlns: SmNamespace, previd: string, count: number): Uint8Array {
  return whole('resume', { xmlns, h: String(handledField(count)), previd });
}

/** `<resumed/>`, with the stanzas handled of the resumed session. */
export function writeResumed(xmlns: SmNamespace, previd: string, count: number): Uint8Array {
  return whole('resumed', { xmlns, h: String(handledField(count)), previd });
}

/** `<failed/>` with a stanza error condition. */
export function writeFailed(xmlns: SmNamespace, condition: string): Uint8Array {
  return whole('failed', { xmlns }, element(condition, { xmlns: ns.stanzaErrors }));
}

/** `<r/>`. */
export function writeRequest(xmlns: SmNamespace): Uint8Array {
  return whole('r', { xmlns });
}

/** `<a/>`. */
export function writeAnswer(xmlns: SmNamespace, count: number): Uint8Array {
  return whole('a', { xmlns, h: String(handledField(count)) });
}

/** `<enable/>` with the wish to resume, everything else as it was. */
export function asResumable(enable: Uint8Array): Uint8Array {
  return withAttribute(withoutAttribute(enable, 'resume'), 'resume', 'true');
}

/** `<enabled/>` without where the server would rather be reconnected to: that is not where this client connects. */
export function withoutLocation(enabled: Uint8Array): Uint8Array {
  return withoutAttribute(enabled, 'location');
}

/** `<enabled/>` as one that did not ask for resumption gets it. */
export function asUnresumable(enabled: Uint8Array): Uint8Array {
  return ['id', 'resume', 'max', 'location'].reduce(withoutAttribute, enabled);
}

/** The other side acknowledged what it never got: the stream must end with this (§4). */
export class HandledTooMuch extends SimppError {
  readonly detail: Xml;

  constructor(h: number, sent: number) {
    super('handled-count-too-high', `${h} stanzas were acknowledged, but ${handledField(sent)} were sent.`);
    this.detail = element('handled-count-too-high', {
      xmlns: ns.sm3,
      h: String(h),
      'send-count': String(handledField(sent)),
    });
  }
}

/** How many further stanzas an acknowledgement says; throws SimppError when that is not a count of what was sent. */
export function readAcknowledged(h: number | undefined, acknowledged: number, sent: number): number {
  if (h === undefined) throw new SimppError('unexpected-element', 'An acknowledgement came without a count.');
  const further = handledSince(acknowledged, h);
  if (further > sent - acknowledged) throw new HandledTooMuch(h, sent);
  return further;
}
