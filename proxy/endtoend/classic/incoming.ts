// What comes in the classic profile (docs/protocol.md §10.3): C3 and C4 are for
// the proxy, C6 and C7 become the text that they carry. Nothing numbers them:
// one that is sent again is shown again, as published.
import { fromUtf8 } from '../../../shared/bytes.ts';
import { decodeOneOf } from '../../../shared/codec/message.ts';
import { SimppError } from '../../../shared/errors.ts';
import { classicC3, classicC4, classicC6 } from '../../../shared/simpp/classic/messages.ts';
import { classicChild } from '../../../shared/xmpp/classic-message.ts';
import { marked } from '../../../shared/xmpp/marked.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { withText } from '../../../shared/xmpp/restored.ts';
import { childText, findChild } from '../../../shared/xmpp/stanza.ts';
import type { Policy } from '../desk.ts';
import { innerBecomes, innerMessage, type Came, type InnerMessage } from '../inner-message.ts';
import { goesDown, swallowed, type Outcome } from '../outcome.ts';
import { shownWords } from '../shown-words.ts';
import type { Talk } from './talk.ts';
import { classicUnreadable } from './words.ts';

export interface ClassicIncomingDeps {
  /** Bare. */
  readonly jid: string;
  readonly policy: () => Policy;
  readonly talkWith: (contact: string) => Talk;
  /** A contact's C3 was not answered. */
  readonly unanswered: (error: unknown) => void;
}

export class ClassicIncoming {
  readonly #deps: ClassicIncomingDeps;

  constructor(deps: ClassicIncomingDeps) {
    this.#deps = deps;
  }

  take(came: Came): Outcome {
    const inner = innerMessage(came, this.#deps.jid);
    if (inner === undefined) return goesDown(came.stanza);
    try {
      const bytes = classicChild(inner.stanza, inner.scope);
      return bytes === undefined ? this.#plain(came, inner) : this.#sealed(came, inner, bytes);
    } catch (error) {
      if (!(error instanceof SimppError)) throw error;
      return this.#unreadable(came, inner);
    }
  }

  #sealed(came: Came, inner: InnerMessage, bytes: Uint8Array): Outcome {
    const { name } = decodeOneOf([classicC3, classicC4, classicC6], bytes);
    if (name !== 'classic C6') {
      if (isLive(inner)) this.#share(name, inner.contact, bytes);
      return swallowed;
    }
    const talk = this.#deps.talkWith(inner.contact);
    const text = textIn(talk.read(bytes));
    if (text !== undefined) return innerBecomes(came, inner, withText(inner.stanza, inner.scope, text).stanza);
    if (isLive(inner)) talk.renew();
    return this.#unreadable(came, inner);
  }

  #share(name: 'classic C3' | 'classic C4', contact: string, bytes: Uint8Array): void {
    const talk = this.#deps.talkWith(contact);
    if (name === 'classic C4') return talk.heardC4(bytes);
    talk.heardC3(bytes).catch((error: unknown) => this.#deps.unanswered(error));
  }

  #unreadable(came: Came, inner: InnerMessage): Outcome {
    return innerBecomes(came, inner, withText(inner.stanza, inner.scope, classicUnreadable(came.lang)).stanza);
  }

  /** Plaintext is refused under `require`, and marked from somebody with whom a conversation lives. */
  #plain(came: Came, inner: InnerMessage): Outcome {
    const { policy, talkWith } = this.#deps;
    const { stanza, scope, address, contact } = inner;
    const isFromPerson = !inner.isOwn && address.type !== 'error' && address.from.includes('@');
    const isToRead =
      isFromPerson &&
      inner.copy?.kind !== 'history' &&
      findChild(stanza, scope, ns.mucUser, 'x') === undefined &&
      childText(stanza, scope, ns.client, 'body') !== undefined;
    if (!isToRead) return goesDown(came.stanza);
    const words = shownWords(came.lang);
    if (policy() === 'require') return innerBecomes(came, inner, withText(stanza, scope, words.refused).stanza);
    return talkWith(contact).isLive
      ? innerBecomes(came, inner, marked(stanza, scope, words.plaintext))
      : goesDown(came.stanza);
  }
}

/** What the data are as a text: a contact may seal anything. */
function textIn(data: Uint8Array | undefined): string | undefined {
  try {
    return data && fromUtf8(data);
  } catch {
    return undefined;
  }
}

/** Sent to us just now, by somebody else: not a copy, not kept for whoever was offline, no error. */
function isLive({ stanza, scope, copy, isOwn, address }: InnerMessage): boolean {
  return (
    copy === undefined &&
    !isOwn &&
    address.type !== 'error' &&
    findChild(stanza, scope, ns.delay, 'delay') === undefined
  );
}
