// Requests of XEP-0060 (1.26) to the personal nodes of an account (XEP-0163
// 1.2.2): the payloads of the few IQs that keep one node with named items.
import { element, escapeText, type Xml } from '../xml/write.ts';
import { ns } from './namespaces.ts';

/** Namespaces of XEP-0060, beside that of the protocol itself. */
export const pubsubNs = {
  owner: `${ns.pubsub}#owner`,
  errors: `${ns.pubsub}#errors`,
  nodeConfig: `${ns.pubsub}#node_config`,
  publishOptions: `${ns.pubsub}#publish-options`,
} as const;

/** How a node has to be: who reads it and how many items it keeps. */
export interface NodeShape {
  readonly access: 'open' | 'whitelist';
  readonly maxItems: number;
}

function pubsub(...children: readonly Xml[]): Xml {
  return element('pubsub', { xmlns: ns.pubsub }, ...children);
}

function ownerPubsub(...children: readonly Xml[]): Xml {
  return element('pubsub', { xmlns: pubsubNs.owner }, ...children);
}

function field(name: string, value: string, type?: string): Xml {
  return element('field', { var: name, type }, element('value', {}, escapeText(value)));
}

/** A form about a node: who reads it, that it keeps what it gets, and more. */
function form(purpose: string, { access }: NodeShape, ...more: readonly Xml[]): Xml {
  return element(
    'x',
    { xmlns: ns.dataForms, type: 'submit' },
    field('FORM_TYPE', purpose, 'hidden'),
    field('pubsub#access_model', access),
    field('pubsub#persist_items', 'true'),
    ...more,
  );
}

/** Asks for one item by its id (XEP-0060 §6.5.8). */
export function itemRequest(node: string, id: string): Xml {
  return pubsub(element('items', { node }, element('item', { id })));
}

/** Asks for the newest items (XEP-0060 §6.5.7). */
export function newestItemsRequest(node: string, maxItems: number): Xml {
  return pubsub(element('items', { node, max_items: String(maxItems) }));
}

/**
 * Publishes one item; with a shape only if the node is for those readers, or is made so by this (XEP-0060 §7.1.5).
 * Not how many items it keeps: ejabberd 23.01 refuses publish-options with `pubsub#max_items`.
 */
export function publishRequest(node: string, id: string, payload: Xml, shape?: NodeShape): Xml {
  const publish = element('publish', { node }, element('item', { id }, payload));
  if (shape === undefined) return pubsub(publish);
  return pubsub(publish, element('publish-options', {}, form(pubsubNs.publishOptions, shape)));
}

/** Deletes one item (XEP-0060 §7.2). */
export function retractRequest(node: string, id: string): Xml {
  return pubsub(element('retract', { node }, element('item', { id })));
}

/** Makes a node with the server's usual configuration (XEP-0060 §8.1.1). */
export function createRequest(node: string): Xml {
  return pubsub(element('create', { node }));
}

/** Asks for a node's configuration (XEP-0060 §8.2.1). */
export function configurationRequest(node: string): Xml {
  return ownerPubsub(element('configure', { node }));
}

/** Gives a node a shape; what the form does not name stays (XEP-0060 §8.2.4). */
export function configureRequest(node: string, shape: NodeShape): Xml {
  return ownerPubsub(
    element('configure', { node }, form(pubsubNs.nodeConfig, shape, field('pubsub#max_items', String(shape.maxItems)))),
  );
}

/** Deletes a node with all that it holds (XEP-0060 §8.4). */
export function deleteRequest(node: string): Xml {
  return ownerPubsub(element('delete', { node }));
}
