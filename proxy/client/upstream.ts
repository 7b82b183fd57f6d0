// The connections to servers that one client's session makes: usually one, at
// most one at a time that counts.
import { SimppError } from '../../shared/errors.ts';
import { serverLimits } from '../../shared/xml/scanner.ts';
import { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import type { Log } from '../log.ts';
import { setupName, type Setup } from '../options.ts';
import { dial, type Caller, type Dialled } from '../server/dial.ts';
import { loginUpstream } from '../server/login.ts';
import type { Redirect } from '../server/redirect.ts';
import type { Patience } from './patience.ts';
import type { SessionContext } from './session-context.ts';

/** A connection to where a set-up leads; the inner stream begins on its leg. */
export interface Upstream extends Omit<Dialled, 'stream'> {
  readonly leg: Leg;
}

/** What proves an account to its server. */
export interface Account {
  /** Bare, prepared. */
  readonly jid: string;
  readonly password: string;
  /** xml:lang of the client's stream. */
  readonly lang: string | undefined;
}

export class Upstreams {
  readonly #context: SessionContext;
  readonly #log: Log;
  readonly #patience: Patience;
  readonly #leaving: Promise<void>[] = [];
  #setup: Setup | undefined;
  /** How to log in again; forgotten with the session. */
  #login: { readonly setup: Setup; readonly account: Account; readonly at: Redirect | undefined } | undefined;

  constructor(context: SessionContext, log: Log, patience: Patience) {
    this.#context = context;
    this.#log = log;
    this.#patience = patience;
  }

  /** The JID or domain of the set-up that was used last. */
  get setup(): string | undefined {
    return this.#setup && setupName(this.#setup);
  }

  /** Connects, at the place that the server has named if there is one; throws SimppError. */
  async connect(setup: Setup, who: Caller, at?: Redirect, signal = this.#patience.signal): Promise<Upstream> {
    this.#setup = setup;
    const startedAt = performance.now();
    const deps = { ...this.#context.dialling, log: this.#log, signal, at };
    const dialled = await dial(setup, who, deps);
    const durationMs = Math.round(performance.now() - startedAt);
    this.#log.info('server connected', { setup: setupName(setup), mode: setup.mode, stage: who.kind, durationMs });
    return { ...dialled, leg: new Leg(dialled.stream, serverLimits) };
  }

  /**
   * Connects and logs in; throws SaslRefused when the server says no. An account of a domain's set-up comes as a
   * guest, whom the server's answer names, and nothing of its password is remembered.
   */
  async connectAccount(
    setup: Setup,
    account: Account,
    at?: Redirect,
    signal = this.#patience.signal,
  ): Promise<Upstream> {
    const { jid, password, lang } = account;
    const isVisitor = setup.kind === 'domain';
    const upstream = await this.connect(setup, isVisitor ? { kind: 'guest' } : { kind: 'account', jid }, at, signal);
    const giveUp = (): void => upstream.leg.destroy();
    signal.addEventListener('abort', giveUp);
    try {
      const { loginKeys } = this.#context;
      const { leg, encrypted } = upstream;
      const login = loginUpstream(leg, { jid, password, keys: loginKeys.of(jid, password), lang, encrypted });
      const { mechanism, binding, keys } = await this.#patience.wait(login);
      if (!isVisitor) loginKeys.remember(jid, password, keys);
      this.#log.info('logged in at the server', { jid, mechanism, binding });
      this.#login = { setup, account, at };
      return upstream;
    } catch (error) {
      this.close(upstream);
      const elsewhere = upstream.redirect?.(error);
      if (elsewhere !== undefined) return this.connectAccount(setup, account, elsewhere, signal);
      // A gateway's own reason says more than the end of its channel.
      const isLost = error instanceof SimppError && error.code === 'server-unreachable';
      throw (isLost ? upstream.farewell() : undefined) ?? error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Connects and logs in as the last time, there unless it is said where; throws like `connectAccount`. */
  async connectAgain(signal: AbortSignal, elsewhere?: Redirect): Promise<Upstream> {
    if (this.#login === undefined) throw new SimppError('internal', 'a session without a login is to be resumed');
    const { setup, account, at } = this.#login;
    return this.connectAccount(setup, account, elsewhere ?? at, AbortSignal.any([signal, this.#patience.signal]));
  }

  /** Connects where the server sends us; logs in as the last time, unless the client does that itself. */
  async follow(to: Redirect): Promise<Upstream> {
    if (this.#login !== undefined) return this.connectAgain(this.#patience.signal, to);
    if (this.#setup === undefined) throw new SimppError('internal', 'sent elsewhere before it was connected');
    return this.connect(this.#setup, { kind: 'guest' }, to);
  }

  /** The account has a new password. */
  changePassword(password: string): void {
    if (this.#login === undefined) return;
    this.#login = { ...this.#login, account: { ...this.#login.account, password } };
  }

  /** Closes stream and connection in order. */
  close(upstream: Upstream, streamName = 'stream:stream'): void {
    this.#leaving.push(linger(upstream.leg, this.#context.timing.lingerMs, `</${streamName}>`));
  }

  /** Ends the connection in order, its stream being closed. */
  hangUp(upstream: Upstream): void {
    this.#leaving.push(linger(upstream.leg, this.#context.timing.lingerMs));
  }

  /** Cuts the connection, so that the server keeps the session for its client. */
  drop(upstream: Upstream): void {
    upstream.leg.release();
    upstream.leg.stream.on('error', () => undefined);
    upstream.leg.destroy();
  }

  /** Resolves when all that were ended are gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#leaving);
  }
}
