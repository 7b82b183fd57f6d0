// One client's connection from its first byte to its last: which set-ups its
// header selects, who ends its login, the relay, and the last words. Whatever
// goes wrong in here ends this connection with an error that its client can
// show, and no other one.
import type { Duplex } from 'node:stream';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { linger } from '../linger.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { Mechanism } from '../sasl/mechanisms.ts';
import { accountNamed, type Choice } from '../setup-table.ts';
import { ClientStream, type Opening } from './client-stream.ts';
import { join, type JoinEnd } from './join.ts';
import { enter } from './entrance.ts';
import { endLogin, type Attempt, type LoginDeps } from './login.ts';
import { everyMechanism, onlyPlain } from './offer.ts';
import { saslReader } from './sasl-reader.ts';
import type { ClientSecurity } from './security.ts';
import type { SessionContext } from './session-context.ts';
import { Upstreams, type Upstream } from './upstream.ts';

/** Until the server has given the client a session, while it has one, and from the last words on. */
export type SessionPhase = 'opening' | 'open' | 'closing';

export class Session {
  readonly #context: SessionContext;
  readonly #log: Log;
  readonly #client: ClientStream;
  readonly #upstreams: Upstreams;
  readonly #security: ClientSecurity;
  #phase: SessionPhase = 'opening';

  constructor(stream: Duplex, security: ClientSecurity, context: SessionContext, log: Log) {
    this.#security = security;
    this.#context = context;
    this.#log = log;
    this.#client = new ClientStream(stream, context.limits, context.newId);
    this.#upstreams = new Upstreams(context, log, this.#client.patience);
  }

  /** The JID or domain of the set-up that it uses, once that is known. */
  get setup(): string | undefined {
    return this.#upstreams.setup;
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  /** Serves the client; resolves when every connection made for it is gone, and never rejects. */
  async run(): Promise<void> {
    const { headerMs, lingerMs } = this.#context.timing;
    let lastBytes: Uint8Array | undefined;
    try {
      const isIn = await enter(this.#client, this.#security, headerMs);
      const opening = isIn ? await this.#client.open(headerMs) : undefined;
      lastBytes = opening === undefined ? this.#client.footer() : await this.#serve(opening);
    } catch (error) {
      lastBytes = this.#explain(asSimppError(error));
    }
    this.#phase = 'closing';
    this.#client.patience.relax();
    await Promise.all([linger(this.#client.leg, lingerMs, lastBytes), this.#upstreams.gone()]);
  }

  /** Ends the session with a reason that the client is told. */
  stop(reason: SimppError): void {
    this.#client.patience.end(reason);
  }

  /** From the first header to the end; what the client is still to be sent. */
  async #serve(opening: Opening): Promise<Uint8Array | undefined> {
    const { header } = opening;
    const choice = this.#context.setups().choose(header.to);
    this.#client.patience.allow(this.#context.timing.loginMs, loginTooSlow);
    if (choice.relayed === undefined || this.#takesVisitors) {
      // RFC 6120 §4.7.5: before XMPP 1.0 there were no features, and no SASL.
      if (header.version === undefined) throw new SimppError('unsupported-version');
      const mechanisms = this.#mechanismsFor(choice, header.from);
      this.#client.offerLogin(header, choice.domain, mechanisms);
      return this.#serveEnded(choice, opening, mechanisms, undefined);
    }

    const upstream = await this.#upstreams.connect(choice.relayed, { kind: 'guest' });
    const end = await this.#join(upstream, choice, opening, undefined);
    if (end.kind === 'over') return this.#lastBytes(end.error);
    // The account has a set-up of its own, which wins (transparency.md §1).
    this.#context.tally.add('sessionsTakenOver');
    this.#upstreams.close(upstream);
    this.#client.leg.stopFlow();
    return this.#serveEnded(choice, opening, everyMechanism, end);
  }

  /**
   * On a TLS leg every login ends here: a client that sees a channel and no -PLUS says so in its proof, and its
   * server would take that for an attack (testing.md).
   */
  get #takesVisitors(): boolean {
    return this.#security.kind !== 'plaintext';
  }

  /** What to offer to a client that says who it is, or does not. */
  #mechanismsFor(choice: Choice, from: string | undefined): readonly Mechanism[] {
    const { passwords } = this.#context;
    const likely = from === undefined ? undefined : accountNamed(choice, from);
    if (likely !== undefined) return passwords.mechanismsFor([likely]);
    return choice.relayed === undefined ? passwords.mechanismsFor(choice.ended.keys()) : onlyPlain;
  }

  /** The login ends here, then the client's next header begins the relay. */
  async #serveEnded(
    choice: Choice,
    opening: Opening,
    mechanisms: readonly Mechanism[],
    takenOver: Attempt | undefined,
  ): Promise<Uint8Array | undefined> {
    const { timing, tally } = this.#context;
    const write = (bytes: Uint8Array): void => void this.#client.leg.write(bytes);
    const reader = saslReader(() => this.#client.read(), opening.header.bindings);
    const deps = { ...this.#loginDeps(choice, opening.header.lang), mechanisms, write };
    const proven = await endLogin(reader, deps, takenOver);
    if (proven === undefined) return this.#client.footer();
    tally.add('logins');
    const { jid, upstream } = proven;
    this.#client.restart(proven.success);
    const next = await this.#client.open(timing.headerMs).catch((error: unknown) => {
      this.#upstreams.close(upstream);
      throw error;
    });
    if (next === undefined) {
      this.#upstreams.close(upstream);
      return undefined;
    }
    this.#client.patience.allow(timing.loginMs, loginTooSlow);
    const end = await this.#join(upstream, choice, next, jid);
    return this.#lastBytes(end.kind === 'over' ? end.error : undefined);
  }

  #loginDeps(choice: Choice, lang: string | undefined): Omit<LoginDeps<Upstream>, 'mechanisms' | 'write'> {
    const { passwords, tally } = this.#context;
    return {
      choice,
      passwords,
      takesVisitors: this.#takesVisitors,
      connect: async (jid, password) => {
        const setup = choice.ended.get(jid) ?? choice.relayed;
        if (setup === undefined) throw new SimppError('internal', 'an account without a set-up logged in');
        // The enrolment of a name that the server confirms is then over in time (transparency.md §2).
        if (setup.kind === 'domain' && setup.mode === 'gateway') this.#context.dialling.identities.prepare(jid);
        return this.#upstreams.connectAccount(setup, { jid, password, lang });
      },
      disconnect: (upstream) => this.#upstreams.close(upstream),
      now: () => performance.now(),
      failed: (mechanism, jid) => {
        tally.add('loginsFailed');
        this.#log.warn('login failed', { mechanism, jid });
      },
    };
  }

  /** Joins the streams, anew wherever the server's first answer sends us. */
  async #join(
    first: Upstream,
    choice: Choice,
    header: Opening,
    account: string | undefined,
  ): Promise<Exclude<JoinEnd, { kind: 'redirected' }>> {
    const [client, upstreams, context, log] = [this.#client, this.#upstreams, this.#context, this.#log];
    const onEstablished = (): void => void (this.#phase = 'open');
    for (let upstream = first; ;) {
      const end = await join({ client, upstream, upstreams, choice, account, header, context, log, onEstablished });
      if (end.kind !== 'redirected') return end;
      client.leg.stopFlow();
      upstream = await upstreams.follow(end.to);
    }
  }

  #lastBytes(error: SimppError | undefined): Uint8Array | undefined {
    return error === undefined ? undefined : this.#explain(error);
  }

  #explain(error: SimppError): Uint8Array {
    this.#context.tally.add('streamErrors');
    this.#log.warn('stream ended with an error', errorFields(error));
    return this.#client.lastWords(error);
  }
}

function loginTooSlow(): SimppError {
  return new SimppError('too-slow', 'The login took too long.');
}
