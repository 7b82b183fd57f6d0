// How a stream becomes managed (XEP-0198 §3, §5): what a client asks for goes up
// and the answer comes down, with resumption always; a client that does not ask
// gets a managed upstream all the same, and one that asks after that is answered
// here. Only then do its counts and its id differ from the server's.
import type { SmElement } from '../../shared/xmpp/stream-management.ts';
import {
  asResumable,
  asUnresumable,
  handledField,
  withoutLocation,
  writeEnable,
  writeEnabled,
  writeFailed,
  writeResume,
  writeResumed,
  type SmNamespace,
} from '../../shared/xmpp/stream-management.ts';
import { withAttribute, withoutAttribute } from '../../shared/xml/attribute.ts';
import type { Side } from '../relay-end.ts';
import { ownIdPrefix } from './hibernated.ts';
import {
  begun,
  settled,
  toClient,
  waiting,
  type Management,
  type ServerEndRules,
  type ServerEndState,
} from './server-end-state.ts';
import { onward, type Step } from './stage.ts';

type Of<Kind extends SmElement['kind']> = Extract<SmElement, { kind: Kind }>;
type During<Kind extends Management['kind']> = Extract<Management, { kind: Kind }>;

/** XEP-0198 names no default; a server that is silent may keep less, and says so by <failed/>. */
const defaultMaxSeconds = 300;
const longestMaxSeconds = 600;

function keptMs(maxSeconds = defaultMaxSeconds): number {
  return Math.min(maxSeconds, longestMaxSeconds) * 1000;
}

/** The proxy's own `<enable/>`, just before a client that has none makes itself heard. */
export function enableOwn(state: ServerEndState, namespace: SmNamespace): Step<ServerEndState> {
  const { state: counting, effects } = begun(state);
  return {
    state: { ...counting, management: { kind: 'enabling', namespace, by: 'proxy' } },
    effects: [...effects, { kind: 'forward', bytes: writeEnable(namespace) }],
  };
}

/** A client's `<enable/>`. */
export function enable(
  state: ServerEndState,
  { namespace, resume }: Of<'enable'>,
  bytes: Uint8Array,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const client = { isManaged: true, wantsResume: resume };
  if (state.management.kind === 'off') {
    const { state: counting, effects } = begun(state);
    const management: Management = { kind: 'enabling', namespace, by: 'client' };
    const wish = resume || !rules.isOwn ? bytes : asResumable(bytes);
    return { state: { ...counting, client, management }, effects: [...effects, { kind: 'forward', bytes: wish }] };
  }
  const up = state.up.sent - state.up.from;
  const late = { namespace, wantsResume: resume, id: undefined, up, down: 0 };
  const next: ServerEndState = { ...state, client, late };
  // Our own <enable/> may not be answered yet.
  return next.management.kind === 'on' ? enabledLate(next, 'client', rules) : { state: next, effects: [] };
}

/** Answers the `<enable/>` of a client whose upstream is managed already. */
function enabledLate(state: ServerEndState, from: Side, rules: ServerEndRules): Step<ServerEndState> {
  const { late, management } = state;
  if (late === undefined || management.kind !== 'on') return { state, effects: [] };
  const { session } = management;
  const isResumable = late.wantsResume && session !== undefined;
  const id = isResumable ? ownIdPrefix + rules.newId() : undefined;
  const shown = id === undefined || session === undefined ? undefined : { id, max: Math.ceil(session.maxMs / 1000) };
  const down = state.down.passed - state.down.from;
  return {
    state: { ...state, late: { ...late, id, down } },
    effects: [toClient(from, writeEnabled(late.namespace, shown))],
  };
}

/** The server's `<enabled/>`. */
export function enabled(
  state: ServerEndState,
  during: During<'enabling'>,
  { id, resume, max }: Of<'enabled'>,
  bytes: Uint8Array,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const session = resume && id !== undefined ? { id, maxMs: keptMs(max) } : undefined;
  const { namespace } = during;
  const on: ServerEndState = {
    ...state,
    management: { kind: 'on', namespace, session, isAttached: true },
    down: { ...state.down, from: state.down.passed, answered: 0 },
  };
  const next = waiting(on, rules);
  if (during.by === 'proxy') {
    const late = enabledLate(next.state, 'server', rules);
    return { state: late.state, effects: [...next.effects, ...late.effects] };
  }
  const isVerbatim = state.client.wantsResume || !rules.isOwn;
  const shown = isVerbatim ? withoutLocation(bytes) : asUnresumable(bytes);
  return { state: next.state, effects: [...next.effects, { kind: 'forward', bytes: shown }] };
}

/** The server's `<failed/>`, which leaves the stream unmanaged. */
export function failed(
  state: ServerEndState,
  during: During<'enabling' | 'resuming'>,
  { h }: Of<'failed'>,
  bytes: Uint8Array,
): Step<ServerEndState> {
  const { state: rest, effects } = settled(state, state.queue.length);
  const { late } = rest;
  const off: ServerEndState = {
    ...rest,
    management: { kind: 'off' },
    client: { isManaged: false, wantsResume: false },
    late: undefined,
  };
  if (during.kind === 'enabling' && during.by === 'proxy') {
    // The server said no once: a client that asks now hears the same.
    const refusal = late && toClient('server', writeFailed(late.namespace, 'unexpected-request'));
    return { state: { ...off, offered: undefined }, effects: [...effects, ...(refusal ? [refusal] : [])] };
  }
  const known = during.kind === 'resuming' ? during.known : undefined;
  const handled = h ?? known?.handled;
  if (known === undefined || handled === undefined) return { state: off, effects: [...effects, ...onward] };
  const count = String(handledField(Math.max(0, handled - known.up)));
  const shown = withAttribute(withoutAttribute(bytes, 'h'), 'h', count);
  return { state: off, effects: [...effects, { kind: 'forward', bytes: shown }] };
}

/** A client's `<resume/>`: as it is, if the client knows the session as the server does. */
export function resume(
  state: ServerEndState,
  { namespace, previd, h = 0 }: Of<'resume'>,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const refused = (condition: string): Step<ServerEndState> => ({
    state,
    effects: [{ kind: 'reply', bytes: writeFailed(namespace, condition) }],
  });
  if (state.management.kind !== 'off') return refused('unexpected-request');
  const known = rules.recall(previd);
  const isOurs = known !== undefined && known.account === rules.account;
  if (!isOurs && previd.startsWith(ownIdPrefix)) return refused('item-not-found');
  const { state: counting, effects } = begun(state);
  const management: Management = { kind: 'resuming', namespace, previd, h, known: isOurs ? known : undefined };
  const next: ServerEndState = { ...counting, management, client: { isManaged: true, wantsResume: true } };
  if (!isOurs) return { state: next, effects: [...effects, ...onward] };
  const translated = writeResume(known.namespace, known.previd, h + known.down);
  return { state: next, effects: [...effects, { kind: 'forward', bytes: translated }] };
}

/** The server's `<resumed/>` to a client's `<resume/>`: the counts go on where they were. */
export function resumed(
  state: ServerEndState,
  { namespace, previd, known, h: clientsH }: During<'resuming'>,
  { h = 0 }: Of<'resumed'>,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const serversH = clientsH + (known?.down ?? 0);
  const session = known === undefined ? { id: previd, maxMs: keptMs() } : { id: known.previd, maxMs: known.maxMs };
  const { up, down } = state;
  const on: ServerEndState = {
    ...state,
    management: { kind: 'on', namespace: known?.namespace ?? namespace, session, isAttached: true },
    up: { ...up, from: up.from - h },
    down: { ...down, from: down.passed - serversH, answered: serversH },
    late: known && { namespace, wantsResume: true, id: previd, up: known.up, down: known.down },
  };
  const next = waiting(on, rules);
  if (known === undefined) return { state: next.state, effects: [...next.effects, ...onward] };
  const shown = writeResumed(namespace, previd, Math.max(0, h - known.up));
  return { state: next.state, effects: [...next.effects, { kind: 'forward', bytes: shown }] };
}
