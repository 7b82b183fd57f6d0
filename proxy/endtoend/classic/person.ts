// One account in the classic profile: its clients' streams, its conversations.
// Nothing is stored; when the last stream ends, every K_AB is forgotten.
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { asSimppError } from '../../../shared/errors.ts';
import type { ClassicCurve } from '../../../shared/simpp/classic/conversation.ts';
import type { Entropy } from '../../../shared/simpp/entropy.ts';
import { writeClassicShare } from '../../../shared/xmpp/classic-message.ts';
import { bareJid } from '../../../shared/xmpp/jid.ts';
import { stanzaHead } from '../../../shared/xmpp/stanza.ts';
import { stanzaError } from '../../../shared/xmpp/stream-error.ts';
import type { ChannelSocket } from '../../channel-socket.ts';
import type { IdentityKeeper } from '../../identity/keeper.ts';
import { errorFields } from '../../log-error.ts';
import type { Log } from '../../log.ts';
import type { Errand, Tell } from '../../stages/errand.ts';
import type { Policy } from '../desk.ts';
import type { Outcome } from '../outcome.ts';
import { newOwnId } from '../own-id.ts';
import { PersonStreams, type PersonStream } from '../person-streams.ts';
import { ClassicDirectory } from './keys.ts';
import { ClassicIncoming } from './incoming.ts';
import { ClassicOutgoing } from './outgoing.ts';
import { Talk } from './talk.ts';
import { classicRefusal } from './words.ts';

export interface ClassicDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly identities: IdentityKeeper;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ClassicPersonOptions {
  /** Bare, prepared. */
  readonly jid: string;
  readonly curve: ClassicCurve;
  readonly policy: () => Policy;
}

type Claimed = Extract<Errand, { readonly kind: 'claimed' }>;

/** Contacts with whom conversations are remembered; whoever is not heard of longest goes first. */
const maxTalks = 256;

export class ClassicPerson {
  readonly #deps: ClassicDeps;
  readonly #options: ClassicPersonOptions;
  readonly #directory: ClassicDirectory;
  readonly #streams = new PersonStreams();
  readonly #attached = new Map<Tell, PersonStream>();
  readonly #talks = new Map<string, Talk>();
  readonly #outgoing: ClassicOutgoing;
  readonly #incoming: ClassicIncoming;

  constructor(deps: ClassicDeps, options: ClassicPersonOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#directory = new ClassicDirectory(deps.crypto);
    const { jid, policy } = options;
    const talkWith = (contact: string): Talk => this.#talkWith(contact);
    this.#outgoing = new ClassicOutgoing({ jid, policy, talkWith });
    this.#incoming = new ClassicIncoming({
      jid,
      policy,
      talkWith,
      unanswered: (error) => deps.log.warn('conversation not begun', { jid, ...errorFields(asSimppError(error)) }),
    });
  }

  attach(channel: ChannelSocket): void {
    this.#directory.attach(channel);
  }

  bound(jid: string, lang: string | undefined, tell: Tell): void {
    const stream: PersonStream = { jid, lang, hasContact: false, tell };
    this.#attached.set(tell, stream);
    this.#streams.add(stream);
    tell({ kind: 'ready' });
  }

  gone(tell: Tell): void {
    const stream = this.#attached.get(tell);
    if (stream === undefined) return;
    this.#attached.delete(tell);
    this.#streams.remove(stream);
    if (this.#streams.isConnected) return;
    for (const talk of this.#talks.values()) talk.end();
    this.#talks.clear();
  }

  /** A message of ours came back as an error. */
  answered({ stanza, scope }: Extract<Errand, { kind: 'answered' }>): void {
    const { local, from, id } = stanzaHead(stanza, scope);
    if (local !== 'message' || from === undefined || id === undefined) return;
    this.#talks.get(bareJid(from))?.returned(id);
  }

  /** A claimed stanza; its outcome is told, at once where nothing has to be waited for. */
  claimed(errand: Claimed, tell: Tell): void {
    const { ticket } = errand;
    const deliver = ({ up, down }: Outcome): void => tell({ kind: 'done', ticket, up, down, isDurable: true });
    try {
      const outcome = this.#take(errand, tell);
      if (outcome instanceof Promise) outcome.then(deliver, (error: unknown) => deliver(this.#failed(errand, error)));
      else deliver(outcome);
    } catch (error) {
      deliver(this.#failed(errand, error));
    }
  }

  #take({ claim, stanza, scope, isAskedFor }: Claimed, tell: Tell): Outcome | Promise<Outcome> {
    const lang = this.#attached.get(tell)?.lang;
    switch (claim) {
      case 'seal':
        return this.#outgoing.take({ stanza, scope, lang });
      case 'open':
        return this.#incoming.take({ stanza, scope, lang, isAskedFor });
      case 'command':
        // There is no virtual contact in this profile.
        return { up: [stanza], down: [] };
      case 'roster':
        return { up: [], down: [stanza] };
    }
  }

  /** Nothing that failed leaves, or is shown as if nothing were. */
  #failed({ claim, stanza, scope }: Claimed, thrown: unknown): Outcome {
    const error = asSimppError(thrown);
    const { jid } = this.#options;
    this.#deps.log.error('end-to-end encryption failed', { jid, stage: claim, ...errorFields(error) });
    if (claim !== 'seal') return { up: [], down: [] };
    const { to = jid } = stanzaHead(stanza, scope);
    const answer = stanzaError(stanza, scope, classicRefusal({ kind: 'failed', reason: error.message }, to, undefined));
    return { up: [], down: answer === undefined ? [] : [answer] };
  }

  #talkWith(contact: string): Talk {
    const known = this.#talks.get(contact);
    const talk = known ?? this.#newTalk(contact);
    this.#talks.delete(contact);
    this.#talks.set(contact, talk);
    for (const [oldest, each] of this.#talks) {
      if (this.#talks.size <= maxTalks) break;
      this.#talks.delete(oldest);
      each.end();
    }
    return talk;
  }

  #newTalk(contact: string): Talk {
    const { crypto, entropy, identities, now } = this.#deps;
    const { jid: own, curve } = this.#options;
    return new Talk({
      own,
      contact,
      crypto,
      entropy,
      krA: identities.openClassic(own).krA,
      curve,
      keyOf: (jid) => this.#directory.keyOf(jid),
      send: (share) => {
        const id = newOwnId();
        this.#streams.send(writeClassicShare(contact, id, share));
        return id;
      },
      now,
    });
  }
}
