// Stream features (RFC 6120 §4.3.2): what a server offers, and what of it a
// client behind the proxy may see. Removed is only what would change or end
// the proxy's own place on the stream (transparency.md §3.1, §4); everything
// else stays byte for byte.

import { SimppError } from '../errors.ts';
import { concat } from '../bytes.ts';
import type { ByteRange } from '../xml/children.ts';
import { textOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement, namespaceOf, readStartTag } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import type { Child } from './stanza.ts';
import { childText, childrenOf } from './stanza.ts';

/** One SIMPP offer of a gateway (protocol.md §4). */
export interface SimppOffer {
  readonly namespace: string;
  /** The whole `<simpp/>` element exactly as received: part of the handshake's prologue. */
  readonly offer: Uint8Array;
  readonly suites: readonly string[];
  /** As advertised: a hint, never trusted by itself. */
  readonly fingerprint: string;
}

/** What a `<stream:features/>` element offers. */
export interface StreamFeatures {
  readonly starttls: 'none' | 'optional' | 'required';
  readonly mechanisms: readonly string[];
  /** Channel-binding types of XEP-0440. */
  readonly channelBindings: readonly string[];
  readonly simpp: readonly SimppOffer[];
  readonly bind: boolean;
  /** Namespaces of XEP-0198 that are offered. */
  readonly streamManagement: readonly string[];
  readonly legacyAuth: boolean;
  readonly registration: boolean;
}

/** Whether an element is `<stream:features/>`. */
export function isFeatures(element: Uint8Array, scope: Bindings): boolean {
  return isElement(readStartTag(element), scope, ns.streams, 'features');
}

/** Reads `<stream:features/>`; throws SimppError `unexpected-element` on another element. */
export function readFeatures(element: Uint8Array, scope: Bindings): StreamFeatures {
  const found = {
    starttls: 'none' as StreamFeatures['starttls'],
    mechanisms: [] as string[],
    channelBindings: [] as string[],
    simpp: [] as SimppOffer[],
    bind: false,
    streamManagement: [] as string[],
    legacyAuth: false,
    registration: false,
  };
  for (const child of features(element, scope)) {
    switch (nameOf(child)) {
      case `{${ns.tls}}starttls`:
        found.starttls =
          childText(child.bytes, child.scope, ns.tls, 'required') === undefined ? 'optional' : 'required';
        break;
      case `{${ns.sasl}}mechanisms`:
        found.mechanisms.push(...mechanisms(child).map((mechanism) => textOf(mechanism.bytes).trim()));
        break;
      case `{${ns.saslChannelBinding}}sasl-channel-binding`:
        found.channelBindings.push(...bindingTypes(child));
        break;
      case `{${ns.simppStream}}simpp`:
      case `{${ns.simppClassic}}simpp`:
        found.simpp.push(readOffer(child));
        break;
      case `{${ns.bind}}bind`:
        found.bind = true;
        break;
      case `{${ns.sm2}}sm`:
      case `{${ns.sm3}}sm`:
        found.streamManagement.push(namespaceOf(child.tag, child.scope)!);
        break;
      case `{${ns.legacyAuthFeature}}auth`:
        found.legacyAuth = true;
        break;
      case `{${ns.registerFeature}}register`:
        found.registration = true;
        break;
    }
  }
  return found;
}

function features(element: Uint8Array, scope: Bindings): readonly Child[] {
  if (!isFeatures(element, scope)) {
    throw new SimppError('unexpected-element', 'The server sent something else than its stream features.');
  }
  return childrenOf(element, scope);
}

/** Namespace and local name in Clark's notation. */
function nameOf(child: Child): string {
  return `{${namespaceOf(child.tag, child.scope) ?? ''}}${child.tag.local}`;
}

function mechanisms(child: Child): readonly Child[] {
  return childrenOf(child.bytes, child.scope).filter((each) => isElement(each.tag, each.scope, ns.sasl, 'mechanism'));
}

function bindingTypes(child: Child): readonly string[] {
  return childrenOf(child.bytes, child.scope)
    .map((each) => each.tag.attributes.get('type'))
    .filter((type) => type !== undefined);
}

function readOffer(child: Child): SimppOffer {
  const namespace = namespaceOf(child.tag, child.scope)!;
  const suites = childrenOf(child.bytes, child.scope)
    .filter((each) => isElement(each.tag, each.scope, namespace, 'suite'))
    .map((each) => textOf(each.bytes).trim());
  const fingerprint = childText(child.bytes, child.scope, namespace, 'fingerprint')?.trim() ?? '';
  return { namespace, offer: child.bytes.slice(), suites, fingerprint };
}

/** Namespaces whose features are cut out whole. */
const removedNamespaces: ReadonlySet<string> = new Set([
  ns.tls,
  ns.saslChannelBinding,
  ns.compressionFeature,
  ns.sasl2,
  ns.bind2,
  ns.fast,
]);

/**
 * `<stream:features/>` without starttls, -PLUS mechanisms, channel bindings, compression, SASL2, Bind 2 and
 * FAST; every other byte verbatim. The same array when nothing is removed.
 */
export function filterFeatures(element: Uint8Array, scope: Bindings): Uint8Array {
  const cuts: ByteRange[] = [];
  for (const child of features(element, scope)) {
    const at = child.bytes.byteOffset - element.byteOffset;
    const namespace = namespaceOf(child.tag, child.scope) ?? '';
    if (removedNamespaces.has(namespace)) cuts.push({ start: at, end: at + child.bytes.length });
    if (!isElement(child.tag, child.scope, ns.sasl, 'mechanisms')) continue;
    for (const mechanism of mechanisms(child)) {
      if (!textOf(mechanism.bytes).trim().endsWith('-PLUS')) continue;
      const start = mechanism.bytes.byteOffset - element.byteOffset;
      cuts.push({ start, end: start + mechanism.bytes.length });
    }
  }
  return cut(element, cuts);
}

/** Bytes without the given ranges, which are in order and apart. */
function cut(bytes: Uint8Array, ranges: readonly ByteRange[]): Uint8Array {
  if (ranges.length === 0) return bytes;
  const kept: Uint8Array[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    kept.push(bytes.subarray(at, start));
    at = end;
  }
  return concat(...kept, bytes.subarray(at));
}
