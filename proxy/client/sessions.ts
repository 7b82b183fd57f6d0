// All clients of a proxy: each accepted connection gets a session of its own,
// up to a number; those beyond it are told so.
import type { Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import { ClientStream } from './client-stream.ts';
import { linger } from '../linger.ts';
import { Session } from './session.ts';
import type { ClientSecurity } from './security.ts';
import type { SessionContext } from './session-context.ts';
import type { Tally } from '../tally.ts';

/** Sessions by how far they are, and what each set-up has open. */
export interface Census {
  readonly opening: number;
  readonly open: number;
  readonly bySetup: ReadonlyMap<string, { readonly connections: number; readonly since: number }>;
}

interface Running {
  readonly done: Promise<void>;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export class Sessions {
  readonly #context: SessionContext;
  readonly #tally: Tally;
  readonly #log: Log;
  readonly #maximum: number;
  readonly #running = new Map<Session, Running>();
  readonly #refused = new Set<Promise<void>>();
  #count = 0;

  constructor(context: Omit<SessionContext, 'tally'>, tally: Tally, log: Log, maximum: number) {
    this.#context = { ...context, tally };
    this.#tally = tally;
    this.#log = log;
    this.#maximum = maximum;
  }

  /** Serves a client that has just connected. */
  accept(socket: Socket, security: ClientSecurity): void {
    const log = this.#log.child({ connection: ++this.#count });
    this.#tally.add('connections');
    if (this.#running.size >= this.#maximum) {
      this.#refuse(socket, security, log);
      return;
    }
    log.info('client connected');
    const startedAt = performance.now();
    const tally = this.#tally.attributedTo(() => session.setup);
    const session: Session = new Session(socket, security, { ...this.#context, tally }, log);
    const done = session
      .run()
      .catch((error: unknown) => log.error('session failed', errorFields(error)))
      .finally(() => {
        this.#running.delete(session);
        log.info('client gone', { durationMs: Math.round(performance.now() - startedAt) });
      });
    this.#running.set(session, { done, since: Date.now() });
  }

  census(): Census {
    const phases = { opening: 0, open: 0, closing: 0 };
    const bySetup = new Map<string, { connections: number; since: number }>();
    // In the order in which they began: the first of a set-up is its oldest.
    for (const [{ phase, setup }, { since }] of this.#running) {
      phases[phase]++;
      if (setup === undefined || phase === 'closing') continue;
      const known = bySetup.get(setup);
      if (known === undefined) bySetup.set(setup, { connections: 1, since });
      else known.connections++;
    }
    return { opening: phases.opening, open: phases.open, bySetup };
  }

  /** Ends the sessions of one set-up with a reason that their clients are told. */
  endOf(setup: string, reason: SimppError): void {
    for (const session of this.#running.keys()) if (session.setup === setup) session.stop(reason);
  }

  /** Ends all sessions politely; resolves when every connection is gone. */
  async stop(): Promise<void> {
    for (const session of this.#running.keys()) session.stop(new SimppError('shutting-down'));
    await Promise.all([...Array.from(this.#running.values(), ({ done }) => done), ...this.#refused]);
  }

  #refuse(socket: Socket, security: ClientSecurity, log: Log): void {
    const error = new SimppError('rate-limited', 'Too many clients are connected to this proxy.');
    this.#tally.add('connectionsRefused');
    log.warn('client refused', errorFields(error));
    const client = new ClientStream(socket, this.#context.limits, this.#context.newId);
    // Where the client waits for TLS, words in clear would say nothing.
    const lastBytes = security.kind === 'tls' ? undefined : client.lastWords(error);
    const gone = linger(client.leg, this.#context.timing.lingerMs, lastBytes);
    this.#refused.add(gone);
    void gone.finally(() => this.#refused.delete(gone));
  }
}
