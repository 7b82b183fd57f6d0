// Reading what a pubsub service answers (XEP-0060). The service is the
// contact's, or somebody's who poses as it: only what was asked for counts,
// and only so much of it.
import { SimppError } from '../errors.ts';
import { textOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import { pubsubNs } from './pubsub.ts';
import { childrenOf, childText, findChild, iqPayload, type Child } from './stanza.ts';

/** One item whose payload is an element with text only. */
export interface TextItem {
  readonly id: string;
  readonly text: string;
}

/** What to take from an answer. */
export interface Wanted {
  readonly node: string;
  /** Namespace and local name of the payload. */
  readonly namespace: string;
  readonly payload: string;
  /** Longer ones throw. */
  readonly maxTextLength: number;
  /** Later ones are left out. */
  readonly maxItems: number;
}

function refused(what: string): SimppError {
  return new SimppError('unexpected-element', what);
}

/** The first items of an answer, in order; throws SimppError for another node, another payload, or too much of it. */
export function readItems(stanza: Uint8Array, scope: Bindings, wanted: Wanted): readonly TextItem[] {
  // Before anything is read: what a stranger answers costs little.
  if (stanza.length > wanted.maxItems * maxItemBytes(wanted)) throw new SimppError('too-large');
  const pubsub = iqPayload(stanza, scope, 'result', ns.pubsub, 'pubsub');
  const items = pubsub && findChild(pubsub.bytes, pubsub.scope, ns.pubsub, 'items');
  if (items === undefined) throw refused('The answer of the server has no items.');
  if (items.tag.attributes.get('node') !== wanted.node) throw refused('The server answered for another node.');
  return childrenOf(items.bytes, items.scope)
    .filter((child) => isElement(child.tag, child.scope, ns.pubsub, 'item'))
    .slice(0, wanted.maxItems)
    .map((item) => ({ id: item.tag.attributes.get('id') ?? '', text: readPayload(item, wanted) }));
}

/** With tags, and with some characters of the text written as references. */
function maxItemBytes({ maxTextLength }: Wanted): number {
  return 2 * maxTextLength + 1024;
}

function readPayload(item: Child, wanted: Wanted): string {
  const [payload, ...more] = childrenOf(item.bytes, item.scope);
  if (
    payload === undefined ||
    more.length > 0 ||
    !isElement(payload.tag, payload.scope, wanted.namespace, wanted.payload)
  )
    throw refused(`An item of ${wanted.node} is no <${wanted.payload}/>.`);
  if (payload.bytes.length > maxItemBytes(wanted)) throw new SimppError('too-large');
  const text = textOf(payload.bytes);
  if (text.length > wanted.maxTextLength) throw new SimppError('too-large');
  return text;
}

/** What a configuration says of a node's shape; what it does not say is absent. */
export interface ConfiguredShape {
  readonly access?: string;
  readonly maxItems?: number;
}

/** Reads a node's configuration (XEP-0060 §8.2.2). */
export function readConfiguration(stanza: Uint8Array, scope: Bindings): ConfiguredShape {
  const pubsub = iqPayload(stanza, scope, 'result', pubsubNs.owner, 'pubsub');
  const configure = pubsub && findChild(pubsub.bytes, pubsub.scope, pubsubNs.owner, 'configure');
  const form = configure && findChild(configure.bytes, configure.scope, ns.dataForms, 'x');
  if (form === undefined) return {};
  const fields = childrenOf(form.bytes, form.scope).filter(({ tag, scope: around }) =>
    isElement(tag, around, ns.dataForms, 'field'),
  );
  const valueOf = (name: string): string | undefined => {
    const field = fields.find(({ tag }) => tag.attributes.get('var') === name);
    return field && childText(field.bytes, field.scope, ns.dataForms, 'value');
  };
  const access = valueOf('pubsub#access_model');
  const maxItems = valueOf('pubsub#max_items');
  return {
    ...(access === undefined ? {} : { access }),
    // "max" is as many as the server allows (XEP-0060 §8.1.3).
    ...(maxItems !== undefined && /^[0-9]{1,9}$/.test(maxItems) ? { maxItems: Number(maxItems) } : {}),
  };
}
