// One personal node (XEP-0163): its items read from anybody's account, and on
// one's own account published so that the node has the right shape, whatever
// the server makes of publish-options.
import { SimppError } from '../../shared/errors.ts';
import type { Xml } from '../../shared/xml/write.ts';
import {
  configurationRequest,
  configureRequest,
  createRequest,
  deleteRequest,
  itemRequest,
  newestItemsRequest,
  publishRequest,
  retractRequest,
} from '../../shared/xmpp/pubsub.ts';
import { readConfiguration, readItems, type TextItem } from '../../shared/xmpp/pubsub-answer.ts';
import { refusalOfMessages, type DefinedError } from '../../shared/xmpp/refusal.ts';
import type { Deadline } from './deadline.ts';
import type { Published } from './directory.ts';
import { currentItem, endToEndNs, maxItemText, type NodeKind } from './pep-items.ts';
import type { Answer, Requests } from './requests.ts';

/** `unreadable`: something is there, but nothing that a proxy has put there. `forbidden`: see PepDirectory. */
export type ItemsFound =
  | { readonly kind: 'items'; readonly items: readonly TextItem[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' | 'forbidden'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly refused?: DefinedError | undefined };

type NotResult = Exclude<Answer, { readonly kind: 'result' }>;

/**
 * What a server says that has no such account, no such node, or no PEP at all. Any other error, and these when they
 * are to pass (`wait`), leave open whether there are keys: most of all those of a domain that is not reached.
 */
const authoritative = ['item-not-found', 'feature-not-implemented', 'service-unavailable'];

/** What servers answer to publish-options that they do not know, or that a node does not meet; the last is ejabberd's. */
const askForShape = [
  'conflict',
  'precondition-not-met',
  'feature-not-implemented',
  'bad-request',
  'not-acceptable',
  'resource-constraint',
];

function isNone(answer: NotResult): boolean {
  return answer.kind === 'error' && answer.type !== 'wait' && authoritative.includes(answer.condition);
}

function reasonOf(answer: NotResult): string {
  if (answer.kind === 'timeout') return 'the server did not answer in time';
  if (answer.kind === 'gone') return 'the connection to the server ended';
  const detail = answer.detail === '' ? '' : `, ${answer.detail}`;
  return `the server answered ${answer.condition}${detail}${answer.text === '' ? '' : `: ${answer.text}`}`;
}

const taken: Published = { kind: 'taken' };

function outcomeOf(answer: Answer): Published {
  if (answer.kind === 'result') return taken;
  const isFinal = answer.kind === 'error' && answer.type !== 'wait';
  return { kind: isFinal ? 'refused' : 'failed', reason: reasonOf(answer) };
}

/** Reads a node of `jid`, or of one's own account when it is undefined. */
export async function readNode(
  requests: Requests,
  jid: string | undefined,
  node: string,
  kind: NodeKind,
  deadline: Deadline,
): Promise<ItemsFound> {
  const { maxItems } = kind.shape;
  const request = maxItems === 1 ? itemRequest(node, currentItem) : newestItemsRequest(node, maxItems);
  const answer = await requests.send('get', jid, request, deadline.leftMs);
  if (answer.kind !== 'result') {
    if (isNone(answer)) return { kind: 'none' };
    const isForbidden = answer.kind === 'error' && answer.condition === 'forbidden';
    if (isForbidden) return { kind: 'forbidden', reason: reasonOf(answer) };
    return {
      kind: 'failed',
      reason: reasonOf(answer),
      refused: answer.kind === 'error' ? refusalOfMessages(answer) : undefined,
    };
  }
  try {
    const wanted = { node, namespace: endToEndNs, payload: kind.payload, maxTextLength: maxItemText, maxItems };
    const items = readItems(answer.stanza, answer.scope, wanted);
    return items.length === 0 ? { kind: 'none' } : { kind: 'items', items };
  } catch (error) {
    if (error instanceof SimppError) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
}

/** The nodes of one's own account, as this process has made sure of them. */
export class OwnNodes {
  readonly #requests: Requests;
  /** Those whose shape was seen to be right. */
  readonly #shaped = new Set<string>();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Publishes an item, and sees to it that the node is for whom it should be. */
  async publish(node: string, kind: NodeKind, id: string, payload: Xml, deadline: Deadline): Promise<Published> {
    // Whatever was seen of it: it may have been deleted, and be made anew by this.
    this.#shaped.delete(node);
    const withOptions = publishRequest(node, id, payload, kind.shape);
    const answer = await this.#requests.send('set', undefined, withOptions, deadline.leftMs);
    if (answer.kind === 'result') return await this.ensureShape(node, kind, deadline);
    if (answer.kind !== 'error' || !askForShape.some((name) => name === answer.condition || name === answer.detail)) {
      return outcomeOf(answer);
    }
    const shaped = await this.#shape(node, kind, deadline);
    if (shaped.kind !== 'taken') return shaped;
    return outcomeOf(await this.#requests.send('set', undefined, publishRequest(node, id, payload), deadline.leftMs));
  }

  /** Servers that do not know publish-options may ignore them, and keep the node to one's contacts. */
  async ensureShape(node: string, kind: NodeKind, deadline: Deadline): Promise<Published> {
    if (this.#shaped.has(node)) return taken;
    const answer = await this.#requests.send('get', undefined, configurationRequest(node), deadline.leftMs);
    // What cannot be looked at is taken as it is; the next publication looks again.
    if (answer.kind !== 'result') return taken;
    const { access, maxItems } = kind.shape;
    const shape = readConfiguration(answer.stanza, answer.scope);
    if ((shape.access ?? access) !== access || (shape.maxItems ?? maxItems) < maxItems) {
      return await this.#shape(node, kind, deadline);
    }
    this.#shaped.add(node);
    return taken;
  }

  async retract(node: string, id: string, deadline: Deadline): Promise<Published> {
    return outcomeOf(await this.#requests.send('set', undefined, retractRequest(node, id), deadline.leftMs));
  }

  /** A node that is not there counts as deleted. */
  async delete(node: string, deadline: Deadline): Promise<Published> {
    this.#shaped.delete(node);
    const answer = await this.#requests.send('set', undefined, deleteRequest(node), deadline.leftMs);
    return answer.kind === 'error' && answer.condition === 'item-not-found' ? taken : outcomeOf(answer);
  }

  /** Makes the node where there is none; one that is there answers with a conflict, and the configuration tells. */
  async #shape(node: string, { shape }: NodeKind, deadline: Deadline): Promise<Published> {
    const created = await this.#requests.send('set', undefined, createRequest(node), deadline.leftMs);
    if (created.kind !== 'result' && created.kind !== 'error') return outcomeOf(created);
    const configured = await this.#requests.send('set', undefined, configureRequest(node, shape), deadline.leftMs);
    if (configured.kind === 'result') this.#shaped.add(node);
    return outcomeOf(configured);
  }
}

/** Text of the one item that most nodes have. */
export function currentTextOf(found: ItemsFound): string | undefined {
  return found.kind === 'items' ? found.items.find(({ id }) => id === currentItem)?.text : undefined;
}
