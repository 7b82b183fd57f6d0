// End-to-end encryption of a proxy: an engine for each account, made when its
// first stream is bound, or when somebody asks for its desk.
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { bareJid, domainOf } from '../../shared/xmpp/jid.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import type { EngineStream } from '../client/session-context.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { Log } from '../log.ts';
import type { Setup } from '../options.ts';
import type { Errand, RunErrand, Tell } from '../stages/errand.ts';
import type { EndToEndStores } from '../store/endtoend/stores.ts';
import type { Reached } from './crash-points.ts';
import type { Desk, Policy } from './desk.ts';
import { GatewayDirectory } from './gateway-directory.ts';
import { Person } from './person.ts';

export interface EngineDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly identities: IdentityKeeper;
  readonly stores: EndToEndStores;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
  readonly version: string;
  /** The set-up that serves an account, as it is at the moment. */
  readonly setupOf: (jid: string) => Setup | undefined;
}

interface Entry {
  readonly person: Person;
  readonly gateway: GatewayDirectory | undefined;
}

export class EndToEnd {
  readonly #deps: EngineDeps;
  readonly #people = new Map<string, Entry>();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** One stream's way to the engine of whoever turns out to be its person. */
  stream(facts: EngineStream): RunErrand {
    let entry: Entry | undefined;
    /** What came while the person's keys were being made. */
    const early: (() => void)[] = [];
    let isGone = false;
    let attached: ChannelSocket | undefined;
    /** By the one that came first the person's engine knows the stream; each errand brings another one to the same end. */
    let known: Tell | undefined;
    /** An upstream that was resumed leads through another channel. */
    const attach = ({ gateway }: Entry): void => {
      const { channel } = facts;
      if (channel === undefined || channel === attached) return;
      attached = channel;
      gateway?.attach(channel);
    };
    const run = (errand: Errand, told: Tell): void => {
      const tell = (known ??= told);
      if (errand.kind === 'bound') {
        this.#bound(facts, errand, tell, attach).then(
          (bound) => {
            entry = bound;
            if (isGone) bound.person.gone(tell);
            for (const each of early.splice(0)) each();
          },
          (error: unknown) =>
            tell({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }),
        );
        return;
      }
      if (errand.kind === 'gone') {
        isGone = true;
        entry?.person.gone(tell);
        return;
      }
      if (entry !== undefined) attach(entry);
      if (entry === undefined) early.push(() => run(errand, tell));
      else if (errand.kind === 'claimed') entry.person.claimed(errand, tell);
      else entry.person.answered(errand);
    };
    return run;
  }

  /** The accounts with an engine or with anything stored. */
  names(): readonly string[] {
    return [...new Set([...this.#deps.stores.names(), ...this.#people.keys()])].toSorted();
  }

  /** The desk of an account; throws SimppError where there is nothing of it. */
  desk(jid: string): Desk {
    const account = bareJid(jid);
    const entry = this.#people.get(account);
    if (entry !== undefined) return entry.person.desk;
    const setup = this.#deps.setupOf(account);
    if (setup === undefined || !this.names().includes(account)) {
      throw new SimppError('config-missing', `${account} has not logged in through this proxy yet.`);
    }
    return this.#entry(account, setup).person.desk;
  }

  /** Forgets an account's engine; the next stream gets another one, with what is stored then. */
  drop(jid: string): void {
    this.#people.get(jid)?.person.abandon();
    this.#people.delete(jid);
  }

  /** Forgets an account's engine and all that is stored of it. */
  forget(jid: string): void {
    this.drop(jid);
    this.#deps.stores.remove(jid);
  }

  /** Everything is put so that nothing is skipped the next time; to be followed by the stores' close. */
  stop(): void {
    for (const { person } of this.#people.values()) person.stop();
  }

  async #bound(
    { setup }: EngineStream,
    { jid, lang }: Extract<Errand, { kind: 'bound' }>,
    tell: Tell,
    attach: (entry: Entry) => void,
  ): Promise<Entry> {
    const account = bareJid(jid);
    // Made here where no gateway has asked for it yet: direct mode with a domain's set-up.
    await this.#deps.identities.open(account);
    const entry = this.#entry(account, setup);
    attach(entry);
    entry.person.bound(jid, lang, setup.contact === true, tell);
    return entry;
  }

  #entry(account: string, setup: Setup): Entry {
    const known = this.#people.get(account);
    if (known !== undefined) return known;
    const { crypto, entropy, identities, stores, log, now, reached, version, setupOf } = this.#deps;
    const gateway = setup.mode === 'gateway' ? new GatewayDirectory({ domains: [domainOf(account)] }) : undefined;
    const person = new Person({
      jid: account,
      crypto,
      entropy,
      identities,
      store: stores.account(account),
      log,
      now,
      reached,
      version,
      gateway,
      defaultPolicy: (): Policy => setupOf(account)?.endToEnd ?? 'off',
    });
    const entry = { person, gateway };
    this.#people.set(account, entry);
    return entry;
  }
}
