// All clients of a proxy: each accepted connection gets a session of its own,
// up to a number; those beyond it are told so.
import type { Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import { ClientStream } from './client-stream.ts';
import { linger } from '../linger.ts';
import { Session } from './session.ts';
import type { SessionContext } from './session-context.ts';

export class Sessions {
  readonly #context: SessionContext;
  readonly #log: Log;
  readonly #maximum: number;
  readonly #running = new Map<Session, Promise<void>>();
  readonly #refused = new Set<Promise<void>>();
  #count = 0;

  constructor(context: SessionContext, log: Log, maximum: number) {
    this.#context = context;
    this.#log = log;
    this.#maximum = maximum;
  }

  /** Serves a client that has just connected. */
  accept(socket: Socket): void {
    const log = this.#log.child({ connection: ++this.#count });
    this.#context.tally.add('connections');
    if (this.#running.size >= this.#maximum) {
      this.#refuse(socket, log);
      return;
    }
    log.info('client connected');
    const startedAt = performance.now();
    const session = new Session(socket, this.#context, log);
    const running = session
      .run()
      .catch((error: unknown) => log.error('session failed', errorFields(error)))
      .finally(() => {
        this.#running.delete(session);
        log.info('client gone', { durationMs: Math.round(performance.now() - startedAt) });
      });
    this.#running.set(session, running);
  }

  /** Sessions by how far they are, and by the set-up that they use. */
  census(): { readonly opening: number; readonly open: number; readonly bySetup: ReadonlyMap<string, number> } {
    const phases = { opening: 0, open: 0, closing: 0 };
    const bySetup = new Map<string, number>();
    for (const { phase, setup } of this.#running.keys()) {
      phases[phase]++;
      if (setup !== undefined && phase !== 'closing') bySetup.set(setup, (bySetup.get(setup) ?? 0) + 1);
    }
    return { opening: phases.opening, open: phases.open, bySetup };
  }

  /** Ends all sessions politely; resolves when every connection is gone. */
  async stop(): Promise<void> {
    for (const session of this.#running.keys()) session.stop(new SimppError('shutting-down'));
    await Promise.all([...this.#running.values(), ...this.#refused]);
  }

  #refuse(socket: Socket, log: Log): void {
    const error = new SimppError('rate-limited', 'Too many clients are connected to this proxy.');
    this.#context.tally.add('connectionsRefused');
    log.warn('client refused', errorFields(error));
    const client = new ClientStream(socket, this.#context.limits, this.#context.newId);
    const gone = linger(client.leg, this.#context.timing.lingerMs, client.lastWords(error));
    this.#refused.add(gone);
    void gone.finally(() => this.#refused.delete(gone));
  }
}
