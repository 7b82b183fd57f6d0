// The message that counts in what the server sends: itself, or the one that a
// copy or a result of history carries, where its carrier may carry it.
import { SimppError } from '../../shared/errors.ts';
import type { StanzaAddress } from '../../shared/simpp/message.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { copyIn, isTrueCopy, withInner, type Copy } from '../../shared/xmpp/copies.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { sealedType } from '../../shared/xmpp/sealed-type.ts';
import { findChild, stanzaHead } from '../../shared/xmpp/stanza.ts';
import { goesDown, type Outcome } from './outcome.ts';

/** A message from the server, and the language of the stream. */
export interface Came {
  readonly stanza: Uint8Array;
  readonly scope: Bindings;
  readonly lang: string | undefined;
  /** For results of history: whether a query with its id is running. */
  readonly isAskedFor: boolean;
}

/** The message itself, in whatever it came. */
export interface InnerMessage {
  readonly stanza: Uint8Array;
  readonly scope: Bindings;
  readonly copy: Copy | undefined;
  readonly address: StanzaAddress;
  readonly contact: string;
  readonly isOwn: boolean;
}

/** The message that counts, for the account with this bare JID; undefined for what passes as it is. */
export function innerMessage({ stanza, scope, isAskedFor }: Came, jid: string): InnerMessage | undefined {
  let copy: Copy | undefined;
  try {
    copy = copyIn(stanza, scope);
  } catch (error) {
    // What is no clear copy is left to the client, as it came: nothing in it is opened.
    if (error instanceof SimppError) return undefined;
    throw error;
  }
  if (copy?.kind === 'history' && !isAskedFor) return undefined;
  // Whoever was asked may tell history: ejabberd gives one's own in the name of another who was asked for it.
  if (copy !== undefined && !isTrueCopy(copy, jid, bareOr(copy.carrier))) return undefined;
  const inner = copy === undefined ? { stanza, scope } : { stanza: copy.inner, scope: copy.innerScope };
  const head = stanzaHead(inner.stanza, inner.scope);
  const from = bareOr(head.from) ?? jid;
  const to = bareOr(head.to) ?? jid;
  const isOwn = from === jid && head.type !== 'error';
  // One's own words come in sent copies and history only, others' never in sent copies.
  if ((copy?.kind === 'sent' && from !== jid) || (copy?.kind === 'received' && to !== jid)) return undefined;
  if (head.type === 'groupchat') return undefined;
  const address = { from, to, type: sealedType(head.type), id: head.id ?? '' };
  return { ...inner, copy, address, contact: isOwn ? to : from, isOwn };
}

/** What the client gets where the message itself became `stanza`. */
export function innerBecomes(came: Came, { copy }: InnerMessage, stanza: Uint8Array): Outcome {
  return goesDown(copy === undefined ? stanza : withInner(came.stanza, copy, stanza));
}

/** Whether the sender gave servers this hint (XEP-0334). */
export function hasHint({ stanza, scope }: InnerMessage, name: string): boolean {
  return findChild(stanza, scope, ns.hints, name) !== undefined;
}

function bareOr(jid: string | undefined): string | undefined {
  try {
    return jid === undefined ? undefined : bareJid(jid);
  } catch {
    return undefined;
  }
}
