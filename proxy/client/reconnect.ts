// A session whose server's connection was lost goes on over a new one, behind a
// client that stays connected (transparency.md §1, §3.5): the same account logs
// in again, at growing intervals, for as long as the server keeps the session.
import { setTimeout } from 'node:timers/promises';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { Reconnected } from '../relay-options.ts';
import { SaslRefused } from '../server/received-error.ts';
import { resumeUpstream } from '../server/resume.ts';
import type { ResumeRequest } from '../stages/stage.ts';
import type { Upstream } from './upstream.ts';

export interface ReconnectDeps {
  /** Connects and logs in as before. */
  readonly connect: (signal: AbortSignal) => Promise<Upstream>;
  readonly close: (upstream: Upstream) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The second pause; the first attempt is made at once. */
  readonly retryMs: number;
}

const longestPauseMs = 30_000;

/** The pause before an attempt, counted from 0, a quarter more or less, so that many do not come at once. */
function pauseMs(attempt: number, retryMs: number): number {
  if (attempt === 0) return 0;
  return Math.min(retryMs * 2 ** (attempt - 1), longestPauseMs) * (0.75 + Math.random() / 2);
}

/** A connection on which the session goes on, or why there is none; never rejects. */
export async function reconnect(
  request: ResumeRequest,
  deps: ReconnectDeps,
): Promise<{ readonly outcome: Reconnected; readonly upstream?: Upstream }> {
  const { signal, log, retryMs } = deps;
  const startedAt = performance.now();
  for (let attempt = 0; ; attempt++) {
    const waitMs = pauseMs(attempt, retryMs);
    try {
      await setTimeout(waitMs, undefined, { signal });
      return await resumeOnce(request, deps);
    } catch (thrown) {
      const error = asSimppError(thrown, 'server-unreachable');
      const isTimeOver = performance.now() - startedAt + pauseMs(attempt + 1, retryMs) > request.maxMs;
      if (signal.aborted || isTimeOver || isFinal(error)) {
        return { outcome: { kind: 'unresumed', h: undefined, error: sessionLost(error) } };
      }
      log.info('server still away', { count: attempt + 1, ...errorFields(error) });
    }
  }
}

async function resumeOnce(
  request: ResumeRequest,
  { connect, close, signal }: ReconnectDeps,
): Promise<{ readonly outcome: Reconnected; readonly upstream: Upstream }> {
  const upstream = await connect(signal);
  try {
    const answer = await resumeUpstream(upstream.leg, request, signal);
    signal.throwIfAborted();
    if (answer.kind === 'resumed') return { outcome: { ...answer, leg: upstream.leg }, upstream };
    return { outcome: { kind: 'unresumed', h: answer.h, error: sessionLost(undefined) }, upstream };
  } catch (error) {
    close(upstream);
    throw error;
  }
}

/** A server that does not know the account or its password any more will not think better of it. */
function isFinal(error: SimppError): boolean {
  return error instanceof SaslRefused && error.condition !== 'temporary-auth-failure';
}

function sessionLost(cause: SimppError | undefined): SimppError {
  const why = cause === undefined ? 'the server did not keep the session' : cause.message;
  return new SimppError('server-unreachable', `The connection to the server was lost: ${why}`, { cause });
}
