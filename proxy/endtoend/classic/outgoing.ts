// What people write in the classic profile (docs/protocol.md §10.3): the text is
// sealed under K_AB, which is agreed first where there is none. What may not
// leave comes back as an error; nothing is kept.
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import type { ClassicConversation } from '../../../shared/simpp/classic/conversation.ts';
import { isSignal, writeClassic } from '../../../shared/xmpp/classic-message.ts';
import { sealable } from '../../../shared/xmpp/sealable.ts';
import { stanzaError } from '../../../shared/xmpp/stream-error.ts';
import { addresseeOf } from '../addressee.ts';
import type { Policy } from '../desk.ts';
import { goesUp, type Outcome } from '../outcome.ts';
import type { Written } from '../outgoing.ts';
import type { Reach, Talk } from './talk.ts';
import { classicRefusal, type ClassicRefusal } from './words.ts';

export interface ClassicOutgoingDeps {
  /** Bare. */
  readonly jid: string;
  readonly policy: () => Policy;
  readonly talkWith: (contact: string) => Talk;
}

export class ClassicOutgoing {
  readonly #deps: ClassicOutgoingDeps;

  constructor(deps: ClassicOutgoingDeps) {
    this.#deps = deps;
  }

  /** What becomes of a client's message: at once where a conversation lives, else when it is known whether one does. */
  take(written: Written): Outcome | Promise<Outcome> {
    const { stanza, scope } = written;
    const { jid, policy, talkWith } = this.#deps;
    const addressee = addresseeOf(stanza, scope, jid);
    if (policy() === 'off' || addressee === undefined || isSignal(stanza, scope)) return goesUp(stanza);
    const message = sealable(stanza, scope);
    const text = message.kind === 'content' ? message.body : undefined;
    const to = addressee.jid;
    if (text === undefined || addressee.kind !== 'person' || to === jid) {
      return policy() === 'require' ? refused(written, to, { kind: 'not-encryptable' }) : goesUp(stanza);
    }
    const reach = talkWith(to).reach();
    if (!(reach instanceof Promise)) return sealed(written, to, text, reach);
    return reach.then((reached) => this.#decide(written, to, text, reached));
  }

  /** Only who certainly has no key, and had none, gets plaintext, and only under `prefer` (§11.1). */
  #decide(written: Written, to: string, text: string, reach: Reach): Outcome {
    if (reach.kind === 'talk') return sealed(written, to, text, reach.conversation);
    const isClear = reach.kind === 'no-key' && !reach.hadKey && this.#deps.policy() === 'prefer';
    return isClear ? goesUp(written.stanza) : refused(written, to, reach);
  }
}

function sealed(written: Written, to: string, text: string, conversation: ClassicConversation): Outcome {
  const { stanza, scope } = written;
  try {
    return goesUp(writeClassic(stanza, scope, conversation.seal(utf8(text))));
  } catch (error) {
    if (!(error instanceof SimppError) || error.code !== 'malformed-message') throw error;
    return refused(written, to, { kind: 'too-long' });
  }
}

function refused({ stanza, scope, lang }: Written, to: string, refusal: ClassicRefusal): Outcome {
  const error = stanzaError(stanza, scope, classicRefusal(refusal, to, lang));
  return { up: [], down: error === undefined ? [] : [error] };
}
