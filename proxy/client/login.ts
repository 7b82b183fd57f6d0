// A login that ends at the proxy (transparency.md §1, "ended"): the client
// proves that it knows the password, then the proxy logs in at the server, and
// only what the server says becomes <success/>. Where the proxy has no password
// that the server takes, it offers PLAIN and lets the server judge (§3.9).
import { toBase64, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { readStartTag } from '../../shared/xml/tag.ts';
import { element, escapeText } from '../../shared/xml/write.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { saslFailure } from '../../shared/xmpp/stream-error.ts';
import { isMechanism, type Mechanism } from '../sasl/mechanisms.ts';
import { newNonce } from '../sasl/nonce.ts';
import { readPlain } from '../sasl/plain.ts';
import { advanceServer, startServer, type ServerOptions } from '../sasl/server.ts';
import { SaslRefused } from '../server/received-error.ts';
import type { Passwords } from './passwords.ts';
import type { ClientSasl, SaslReader } from './sasl-reader.ts';
import { accountNamed, jidOfLoginName, prepared, visitorNamed, type Choice } from '../setup-table.ts';

export interface LoginDeps<Upstream> {
  readonly choice: Choice;
  readonly passwords: Passwords;
  readonly mechanisms: readonly Mechanism[];
  /** Logs in at the account's server; throws SaslRefused when that says no. */
  readonly connect: (jid: string, password: string) => Promise<Upstream>;
  /** Whether accounts of the domain's set-up log in here: by PLAIN, which the server judges and nobody keeps. */
  readonly takesVisitors: boolean;
  /** Gives up a connection that turned out not to be needed. */
  readonly disconnect: (upstream: Upstream) => void;
  readonly write: (bytes: Uint8Array) => void;
  /** Milliseconds from any point. */
  readonly now: () => number;
  readonly failed: (mechanism: string, jid: string | undefined) => void;
}

/** A first message: of `<auth/>`, or taken over from a relayed login. */
export interface Attempt {
  readonly mechanism: string;
  readonly response: Uint8Array | undefined;
}

/** The account that proved itself, on a server that took it. */
export interface Proven<Upstream> {
  readonly jid: string;
  readonly upstream: Upstream;
  /** `<success/>`, not yet written. */
  readonly success: Uint8Array;
}

interface Failed {
  readonly kind: 'failed';
  readonly failure: Uint8Array;
  /** Set when no other attempt may follow. */
  readonly end?: SimppError | undefined;
}

type Outcome<Upstream> = ({ readonly kind: 'proven' } & Proven<Upstream>) | Failed;

/** RFC 6120 §6.4.5 recommends at least 2 and no more than 5 retries. */
const maxAttempts = 5;

/** Logs a client in; undefined when it closed its stream first. Throws SimppError for what ends the stream. */
export async function endLogin<Upstream>(
  reader: SaslReader,
  deps: LoginDeps<Upstream>,
  takenOver: Attempt | undefined,
): Promise<Proven<Upstream> | undefined> {
  let outcome = takenOver === undefined ? await nextLogin(reader, deps) : await tryLogin(reader, deps, takenOver);
  for (let count = 1; outcome?.kind === 'failed'; count++) {
    deps.write(outcome.failure);
    if (outcome.end !== undefined) throw outcome.end;
    // Whatever failed counts, or answers could be asked for without end.
    if (count === maxAttempts) throw new SimppError('rate-limited', 'Too many failed logins on one connection.');
    outcome = await nextLogin(reader, deps);
  }
  return outcome;
}

async function nextLogin<Upstream>(
  reader: SaslReader,
  deps: LoginDeps<Upstream>,
): Promise<Outcome<Upstream> | undefined> {
  const sasl = await reader.next();
  if (sasl === undefined) return undefined;
  if (sasl.kind !== 'auth') return misplaced(sasl);
  return tryLogin(reader, deps, { mechanism: sasl.mechanism, response: sasl.payload });
}

/** What the client says where a login has no place for it. */
function misplaced(sasl: ClientSasl): Failed {
  switch (sasl.kind) {
    case 'refused':
      return { kind: 'failed', failure: sasl.answer, end: sasl.end };
    case 'abort':
      return failed('aborted');
    default:
      return failed('malformed-request');
  }
}

async function tryLogin<Upstream>(
  reader: SaslReader,
  deps: LoginDeps<Upstream>,
  { mechanism, response }: Attempt,
): Promise<Outcome<Upstream> | undefined> {
  if (!isMechanism(mechanism) || !deps.mechanisms.includes(mechanism)) return failed('invalid-mechanism');
  const { choice, passwords } = deps;
  let jid: string | undefined;
  const options: ServerOptions = {
    lookup: async (name) => {
      jid = accountNamed(choice, name);
      return jid === undefined ? undefined : passwords.verifiers(jid);
    },
    authorize: (name, authzid) => authzid === undefined || prepared(authzid) === accountNamed(choice, name),
    canonical: (name) => jidOfLoginName(choice.domain, name) ?? name,
    fake: passwords.fake,
    nonce: newNonce(),
  };

  let state = startServer(mechanism, options);
  let message = response;
  for (;;) {
    const judged = mechanism === 'PLAIN' ? await letServerJudge(deps, message) : undefined;
    if (judged !== undefined) return judged;
    const step = await advanceServer(state, message);
    switch (step.kind) {
      case 'challenge': {
        state = step.state;
        deps.write(saslElement('challenge', step.challenge));
        const reply = await reader.next();
        if (reply === undefined) return undefined;
        if (reply.kind !== 'response') return misplaced(reply);
        message = reply.payload ?? new Uint8Array(0);
        break;
      }
      case 'success':
        return connectAs(deps, accountNamed(choice, step.authcid), saslElement('success', step.data));
      case 'failure':
        deps.failed(mechanism, jid);
        return (await recheck(deps, jid)) ?? failed(step.condition);
    }
  }
}

/** A PLAIN login to an account whose password only its server can judge; undefined for any other. */
async function letServerJudge<Upstream>(
  deps: LoginDeps<Upstream>,
  message: Uint8Array | undefined,
): Promise<Outcome<Upstream> | undefined> {
  const plain = message && readPlain(message);
  if (plain === undefined) return undefined;
  const visitor = deps.takesVisitors ? visitorNamed(deps.choice, plain.authcid) : undefined;
  const jid = visitor ?? accountNamed(deps.choice, plain.authcid);
  if (jid === undefined || (visitor === undefined && !deps.passwords.isServersToJudge(jid))) return undefined;
  if (plain.authzid !== undefined && prepared(plain.authzid) !== jid) return failed('invalid-authzid');
  try {
    const upstream = await deps.connect(jid, plain.password);
    if (visitor === undefined) await keep(deps, jid, plain.password, upstream);
    return { kind: 'proven', jid, upstream, success: saslElement('success', undefined) };
  } catch (error) {
    if (!(error instanceof SaslRefused)) throw error;
    deps.failed('PLAIN', jid);
    return { kind: 'failed', failure: failureOf(error) };
  }
}

/** Stores a password that the server has accepted; without it the login fails. */
async function keep<Upstream>(
  { passwords, disconnect }: LoginDeps<Upstream>,
  jid: string,
  password: string,
  upstream: Upstream,
): Promise<void> {
  try {
    await passwords.keep(jid, password);
  } catch (error) {
    disconnect(upstream);
    throw error;
  }
}

/** The client has proven itself to us: now the stored password to the server. */
async function connectAs<Upstream>(
  deps: LoginDeps<Upstream>,
  jid: string | undefined,
  success: Uint8Array,
): Promise<Outcome<Upstream>> {
  const password = jid === undefined ? undefined : deps.passwords.stored(jid);
  if (jid === undefined || password === undefined) return failed('not-authorized');
  try {
    return { kind: 'proven', jid, upstream: await deps.connect(jid, password), success };
  } catch (error) {
    if (!(error instanceof SaslRefused)) throw error;
    if (isAboutPassword(error)) deps.passwords.markRefused(jid);
    return { kind: 'failed', failure: failureOf(error) };
  }
}

/**
 * A wrong password here may be the right one at the server, changed by other means: then the stored one is
 * wrong there, which the server says when asked, and from the next stream on the server judges.
 */
async function recheck<Upstream>(
  deps: LoginDeps<Upstream>,
  jid: string | undefined,
): Promise<Outcome<Upstream> | undefined> {
  if (jid === undefined || !deps.passwords.mayRecheck(jid, deps.now())) return undefined;
  const password = deps.passwords.stored(jid);
  if (password === undefined) return undefined;
  try {
    deps.disconnect(await deps.connect(jid, password));
  } catch (error) {
    // A server that cannot be asked leaves things as they are.
    if (!(error instanceof SaslRefused) || !isAboutPassword(error)) return undefined;
    deps.passwords.markRefused(jid);
    return { kind: 'failed', failure: failureOf(error) };
  }
  return undefined;
}

/** The server's own element, where it reads the same on the client's stream (transparency.md §3.3). */
function failureOf({ element: received, condition, text }: SaslRefused): Uint8Array {
  const { prefix, attributes } = readStartTag(received);
  const declares = attributes.has(prefix === '' ? 'xmlns' : `xmlns:${prefix}`);
  return declares ? received : saslFailure(condition, text);
}

function isAboutPassword({ condition }: SaslRefused): boolean {
  return condition === 'not-authorized' || condition === 'credentials-expired';
}

/** What people read; whether the name or the password is wrong stays unsaid (RFC 6120 §6.5.10). */
const texts: Readonly<Record<string, string>> = {
  'not-authorized': 'The name or the password is wrong.',
  'invalid-authzid': 'This account may not act for that address.',
  'invalid-mechanism': 'This way to log in was not offered.',
};

function failed(condition: string): Failed {
  return { kind: 'failed', failure: saslFailure(condition, texts[condition]) };
}

function saslElement(name: 'challenge' | 'success', data: Uint8Array | undefined): Uint8Array {
  return utf8(element(name, { xmlns: ns.sasl }, ...(data?.length ? [escapeText(toBase64(data))] : [])));
}
