// Joins a client's stream to its server's: sets the relay up, does what its
// stages ask for, and says goodbye to the server when it is over. What is left
// to say to the client is the session's matter.
import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import { farewells, type Farewells } from '../closing.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { Setup } from '../options.ts';
import type { RelayEnd } from '../relay-end.ts';
import type { Reconnected } from '../relay-options.ts';
import { Relay } from '../relay.ts';
import type { Redirect } from '../server/redirect.ts';
import { jidOfLoginName, prepared, type Choice } from '../setup-table.ts';
import type { EndToEndRules } from '../stages/end-to-end.ts';
import type { RunErrand } from '../stages/errand.ts';
import { stageRow } from '../stages/row.ts';
import type { Job, Note, ResumeRequest } from '../stages/stage.ts';
import type { ClientStream, Opening } from './client-stream.ts';
import { reconnect } from './reconnect.ts';
import type { SessionContext } from './session-context.ts';
import type { Upstream, Upstreams } from './upstream.ts';

export interface JoinOptions {
  readonly client: ClientStream;
  readonly upstream: Upstream;
  readonly upstreams: Upstreams;
  readonly choice: Choice;
  /** Whose login ended here; undefined when it is relayed. */
  readonly account: string | undefined;
  /** The client's header, with which the server's stream begins. */
  readonly header: Opening;
  readonly context: SessionContext;
  readonly log: Log;
  readonly onEstablished: () => void;
}

/** How it went. */
export type JoinEnd =
  | { readonly kind: 'over'; readonly error: SimppError | undefined }
  /** The server's first answer was to go there; the client has seen nothing of it. */
  | { readonly kind: 'redirected'; readonly to: Redirect }
  | Extract<RelayEnd, { readonly kind: 'taken-over' }>;

export async function join(options: JoinOptions): Promise<JoinEnd> {
  const { client, choice, account, context, header } = options;
  const setup = setupOf(options);
  let { upstream } = options;
  const canEnrol = upstream.enrol !== undefined;
  let isResumable = false;
  let reconnecting: Promise<unknown> | undefined;
  const engine = engineFor(setup, context, () => upstream.channel);
  const relay = new Relay({
    legs: { client: client.leg, server: upstream.leg },
    stages: stageRow({
      choice,
      account,
      isEncrypted: upstream.encrypted,
      canEnrol,
      canFollow: upstream.redirect !== undefined,
      management: {
        newId: context.newId,
        recall: (id) => context.hibernation.recall(id),
        askAfterMs: context.timing.askAfterMs,
        silenceMs: context.timing.silenceMs,
      },
      endToEnd: engine && endToEndRules(options),
    }),
    errand: engine,
    perform: (job) => perform(job, options),
    reconnect: async (request, signal) => {
      options.upstreams.drop(upstream);
      // The gateway itself has said, inside the channel, that this one shall not come back.
      const refusal = upstream.farewell();
      if (refusal?.fault === 'refused') return { kind: 'unresumed', h: undefined, error: refusal };
      const found = resumeElsewhere(request, signal, options);
      reconnecting = found;
      const { outcome, upstream: next } = await found;
      if (next !== undefined) upstream = next;
      return outcome;
    },
    notice: (note) => {
      if (note.kind === 'resumable') isResumable = true;
      notice(note, options);
    },
    passed: (from) => context.tally.add(from === 'client' ? 'stanzasUp' : 'stanzasDown'),
    closeTimeoutMs: context.timing.closeMs,
  });
  const forget = client.patience.onEnd((reason) => relay.stop(reason));
  relay.start(header.part);
  const end = await relay.ended;
  forget();
  await reconnecting;

  client.answeredByServer(relay.shownHeader);
  if (end.kind === 'taken-over') {
    options.upstreams.close(upstream);
    return end;
  }
  if (end.kind === 'redirected' && relay.shownHeader === undefined) {
    options.upstreams.hangUp(upstream);
    const to = upstream.redirect?.(end.error);
    return to === undefined ? { kind: 'over', error: end.error } : { kind: 'redirected', to };
  }
  const last = farewells(end, {
    mode: account === undefined ? 'relayed' : 'ended',
    isResumable,
    isAnswered: relay.shownHeader !== undefined,
    isOver: { client: relay.isOver('client'), server: relay.isOver('server') },
    goodbye: upstream.farewell(),
  });
  logEnd(end, options);
  partFromServer(last.server, upstream, options);
  return { kind: 'over', error: last.client.kind === 'explain' ? last.client.error : undefined };
}

function setupOf({ choice, account }: Pick<JoinOptions, 'choice' | 'account'>): Setup | undefined {
  return (account === undefined ? undefined : choice.ended.get(account)) ?? choice.relayed;
}

/** The engine of the person whose stream it is; throws SimppError where one is required and there is none. */
function engineFor(
  setup: Setup | undefined,
  { endToEnd, ownIdPrefix }: SessionContext,
  channel: () => ChannelSocket | undefined,
): RunErrand | undefined {
  if (setup?.endToEnd === undefined || setup.endToEnd === 'off') return undefined;
  if (endToEnd === undefined && setup.endToEnd === 'require') {
    throw new SimppError('internal', 'End-to-end encryption is required, and this proxy cannot do it.');
  }
  return endToEnd?.({
    setup,
    ownIdPrefix,
    get channel() {
      return channel();
    },
  });
}

function endToEndRules({ account, context }: JoinOptions): EndToEndRules {
  return {
    ownIdPrefix: context.ownIdPrefix,
    recall: (id) => {
      const left = context.translations.recall(id);
      // Where the login is relayed, the server says whose session it is.
      return account === undefined || (left !== undefined && prepared(left.jid) === account) ? left : undefined;
    },
  };
}

async function perform(job: Job, { upstream, upstreams, choice, account, context, log }: JoinOptions): Promise<void> {
  switch (job.kind) {
    case 'enrol': {
      const outcome = await upstream.enrol?.(job.jid);
      log.info('enrolment over', { jid: job.jid, state: outcome });
      break;
    }
    case 'keep-password':
      upstreams.changePassword(job.password);
      // Of a domain's accounts no password is kept, whoever ended the login.
      if (account === undefined || !choice.ended.has(account)) break;
      try {
        await context.passwords.keep(account, job.password);
        log.info('password changed', { jid: account });
      } catch (error) {
        // The server has changed it all the same, and the client must hear that.
        log.error('changed password could not be stored', { jid: account, ...errorFields(error) });
      }
  }
}

function notice(note: Note, { account, client, upstream, choice, context, log, onEstablished }: JoinOptions): void {
  switch (note.kind) {
    case 'login-named': {
      // The enrolment of a name that the server confirms is then over in time (transparency.md §2).
      const jid = jidOfLoginName(choice.domain, note.name);
      if (upstream.enrol !== undefined && jid !== undefined) context.dialling.identities.prepare(jid);
      break;
    }
    case 'established':
      client.patience.relax();
      context.tally.add('sessions');
      context.lastLogins.record(note.jid ?? account);
      log.info('session established', { jid: note.jid });
      onEstablished();
      break;
    case 'registering':
      client.patience.allow(
        context.timing.registrationMs,
        () => new SimppError('too-slow', 'The registration took too long.'),
      );
      break;
    case 'hibernated':
      context.hibernation.keep(note.id, note.session);
      break;
    case 'left':
      context.translations.keep(note.id, note.translation);
      break;
    case 'resumable':
      break;
  }
}

/** The session goes on over another connection, or it is known that it does not. */
async function resumeElsewhere(
  request: ResumeRequest,
  signal: AbortSignal,
  { upstreams, context, log }: JoinOptions,
): Promise<{ readonly outcome: Reconnected; readonly upstream?: Upstream }> {
  log.warn('server lost; its session is to be resumed', { durationMs: request.maxMs });
  const startedAt = performance.now();
  const found = await reconnect(request, {
    connect: (signal) => upstreams.connectAgain(signal),
    close: (upstream) => upstreams.close(upstream),
    signal,
    log,
    retryMs: context.timing.retryMs,
  });
  if (signal.aborted) return found;
  const durationMs = Math.round(performance.now() - startedAt);
  if (found.outcome.kind === 'resumed') {
    context.tally.add('resumed');
    log.info('session resumed', { durationMs });
  } else {
    context.tally.add('resumptionsFailed');
    log.warn('session not resumed', { durationMs, ...errorFields(found.outcome.error) });
  }
  return found;
}

function partFromServer(
  how: Farewells['server'],
  upstream: Upstream,
  { upstreams, header }: Pick<JoinOptions, 'upstreams' | 'header'>,
): void {
  switch (how) {
    case 'close':
      return upstreams.close(upstream, header.header.tag.name);
    case 'hang-up':
      return upstreams.hangUp(upstream);
    case 'drop':
      return upstreams.drop(upstream);
  }
}

function logEnd(end: RelayEnd, { context, log }: JoinOptions): void {
  if (end.kind === 'vanished' && end.side === 'server') {
    context.tally.add('serversLost');
    log.warn('server lost', end.error === undefined ? {} : errorFields(asSimppError(end.error)));
  } else if (end.kind === 'vanished') log.info('client vanished');
}
