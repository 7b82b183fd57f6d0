// What each side is told when a relay is over (transparency.md §1, §3.4, §3.5,
// §3.7): decided here as data, by what happened and what the session was.
import { SimppError } from '../shared/errors.ts';
import type { RelayEnd, Side } from './relay-end.ts';

/** What the end of a relay depends on. */
export interface Circumstances {
  /** `ended`: the client logged in at the proxy. `relayed`: at its server. */
  readonly mode: 'ended' | 'relayed';
  /** The client may resume its session (XEP-0198). */
  readonly isResumable: boolean;
  /** The client has seen the header of the server's present stream. */
  readonly isAnswered: boolean;
  /** Whose stream has ended for the other side already: behind that nothing is said (RFC 6120 §4.4, §4.9.1.1). */
  readonly isOver: Readonly<Record<Side, boolean>>;
  /** Why the gateway ended the channel, if it said so. */
  readonly goodbye: SimppError | undefined;
}

export interface Farewells {
  readonly client:
    /** Ends the connection, saying nothing. */
    | { readonly kind: 'hang-up' }
    /** A stream error, `</stream:stream>`, and the end of the connection. */
    | { readonly kind: 'explain'; readonly error: SimppError };
  /** `close` sends `</stream:stream>` first, `hang-up` ends in order, `drop` cuts, so that the session hibernates. */
  readonly server: 'close' | 'hang-up' | 'drop';
}

type Ended = Exclude<RelayEnd, { kind: 'taken-over' }>;

/** The last words to both sides. */
export function farewells(end: Ended, session: Circumstances): Farewells {
  const { client, server } = lastWords(end, session);
  return {
    client: session.isOver.server ? { kind: 'hang-up' } : client,
    server: session.isOver.client && server === 'close' ? 'hang-up' : server,
  };
}

function lastWords(end: Ended, session: Circumstances): Farewells {
  switch (end.kind) {
    case 'closed':
      return { client: { kind: 'hang-up' }, server: 'hang-up' };
    case 'vanished':
      if (end.side === 'server') return { client: serverVanished(end.error, session), server: 'drop' };
      // §3.7: a session that cannot be resumed must not stay behind as a ghost.
      return { client: { kind: 'hang-up' }, server: session.isResumable ? 'drop' : 'close' };
    case 'unresumed':
      // Whoever is refused would be refused each time, and must know why.
      if (session.goodbye?.fault === 'refused') {
        return { client: { kind: 'explain', error: session.goodbye }, server: 'close' };
      }
      // A client that can resume its session hears from the server itself what has become of it.
      return {
        client: session.isResumable ? { kind: 'hang-up' } : { kind: 'explain', error: end.error },
        server: 'close',
      };
    case 'redirected':
      // Where to is not said: the client would go there by itself, past the proxy and without TLS.
      return { client: { kind: 'explain', error: movedAway(end.error) }, server: 'hang-up' };
    case 'failed':
      return { client: { kind: 'explain', error: clientFacing(end.side, end.error) }, server: 'close' };
    case 'stopped':
      // A client that can resume does so when the proxy is back; told of an error, many would begin anew.
      if (session.isResumable) return { client: { kind: 'hang-up' }, server: 'drop' };
      return { client: { kind: 'explain', error: end.error }, server: 'close' };
  }
}

function movedAway(cause: SimppError): SimppError {
  return new SimppError('server-unreachable', 'The server has sent this session to another host. Log in again.', {
    cause,
  });
}

function serverVanished(error: SimppError | undefined, session: Circumstances): Farewells['client'] {
  const { goodbye, mode, isResumable, isAnswered } = session;
  if (goodbye !== undefined && goodbye.code !== 'server-unreachable') return { kind: 'explain', error: goodbye };
  // Its own server would have vanished in the same way; a client then reconnects, and resumes if it can.
  if (isAnswered && (mode === 'relayed' || isResumable)) return { kind: 'hang-up' };
  return { kind: 'explain', error: goodbye ?? lost(error) };
}

function lost(cause: SimppError | undefined): SimppError {
  return new SimppError('server-unreachable', 'The connection to the server was lost.', { cause });
}

/** What the server did wrong is no fault of the client, whatever its own error would be called. */
function clientFacing(side: 'client' | 'server', error: SimppError): SimppError {
  if (side === 'client' || error.code === 'internal') return error;
  return new SimppError('server-unreachable', `The server sent something that cannot be passed on: ${error.message}`, {
    cause: error,
  });
}
