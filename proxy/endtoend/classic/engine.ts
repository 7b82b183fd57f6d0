// End-to-end encryption as published (docs/protocol.md §10.3), for set-ups of
// the profile classic that ask for it. It is broken, and for reproduction.
import { bareJid } from '../../../shared/xmpp/jid.ts';
import type { ChannelSocket } from '../../channel-socket.ts';
import type { EngineStream } from '../../client/session-context.ts';
import type { Setup } from '../../options.ts';
import type { RunErrand } from '../../stages/errand.ts';
import { ClassicPerson, type ClassicDeps } from './person.ts';

/** Whether a set-up is of the profile classic. */
export function isClassicSetup(setup: Setup): setup is Extract<Setup, { readonly mode: 'gateway' }> {
  return setup.mode === 'gateway' && setup.profile === 'classic';
}

export class ClassicEndToEnd {
  readonly #deps: ClassicDeps;
  readonly #setupOf: (jid: string) => Setup | undefined;
  readonly #people = new Map<string, ClassicPerson>();

  constructor(deps: ClassicDeps, setupOf: (jid: string) => Setup | undefined) {
    this.#deps = deps;
    this.#setupOf = setupOf;
  }

  /** One stream's way to the engine of whoever turns out to be its person. */
  stream(facts: EngineStream): RunErrand {
    let person: ClassicPerson | undefined;
    let attached: ChannelSocket | undefined;
    return (errand, tell) => {
      if (errand.kind === 'bound') person = this.#personOf(bareJid(errand.jid), facts.setup);
      if (person === undefined) return;
      const { channel } = facts;
      if (channel !== undefined && channel !== attached) {
        attached = channel;
        person.attach(channel);
      }
      switch (errand.kind) {
        case 'bound':
          return person.bound(errand.jid, errand.lang, tell);
        case 'claimed':
          return person.claimed(errand, tell);
        case 'answered':
          return person.answered(errand);
        case 'gone':
          return person.gone(tell);
      }
    };
  }

  /** Forgets an account. */
  forget(jid: string): void {
    this.#people.delete(jid);
  }

  #personOf(jid: string, setup: Setup): ClassicPerson {
    const known = this.#people.get(jid);
    if (known !== undefined) return known;
    const { log } = this.#deps;
    log.warn('messages are encrypted as published, which is broken', { jid, profile: 'classic' });
    const person = new ClassicPerson(this.#deps, {
      jid,
      curve: (isClassicSetup(setup) ? setup.classicCurve : undefined) ?? 'P-224',
      policy: () => this.#setupOf(jid)?.endToEnd ?? setup.endToEnd ?? 'off',
    });
    this.#people.set(jid, person);
    return person;
  }
}
