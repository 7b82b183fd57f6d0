// A SASL login as a server, as values (RFC 6120 §6.4): what the client leg
// offers to clients whose password the proxy holds.
import type { Mechanism } from './mechanisms.ts';
import { readPlain } from './plain.ts';
import { answerClientFirst, checkClientFinal, type ScramFirstAnswered, type ScramWaiting } from './scram-server.ts';
import type { ScramVerifiers } from './scram-keys.ts';
import { checkNonce } from './scram-message.ts';
import { passwordFits, type FakeVerifiers } from './verifiers.ts';

export interface ServerOptions {
  /** The verifiers of a user by the name as it was sent; undefined when there is no such user. */
  lookup(authcid: string): Promise<ScramVerifiers | undefined>;
  /** Whether the user may act as `authzid` (undefined: none was asked for); asked only after the password was right. */
  authorize(authcid: string, authzid: string | undefined): boolean;
  /** One form of all the ways to write a user's name: what is made up for it must not depend on them either. */
  canonical(authcid: string): string;
  readonly fake: FakeVerifiers;
  readonly nonce: string;
  /** Present when -PLUS was offered on this stream (RFC 5802 §6). */
  readonly binding?: { readonly type: 'tls-exporter'; readonly data: Uint8Array } | undefined;
}

/** SASL error conditions that this side produces (RFC 6120 §6.5). */
export type SaslCondition = 'malformed-request' | 'not-authorized' | 'invalid-authzid';

export type ServerState =
  { readonly kind: 'plain-waiting'; readonly options: ServerOptions } | ScramWaiting | ScramFirstAnswered;

export type ServerStep =
  | { readonly kind: 'challenge'; readonly state: ServerState; readonly challenge: Uint8Array }
  | {
      readonly kind: 'success';
      readonly authcid: string;
      readonly authzid: string | undefined;
      /** Goes with `<success/>`; undefined when the mechanism has nothing to say. */
      readonly data: Uint8Array | undefined;
    }
  | { readonly kind: 'failure'; readonly condition: SaslCondition };

export function startServer(mechanism: Mechanism, options: ServerOptions): ServerState {
  checkNonce(options.nonce);
  if (mechanism === 'PLAIN') return { kind: 'plain-waiting', options };
  return { kind: 'scram-waiting', mechanism, options };
}

async function checkPlain(options: ServerOptions, response: Uint8Array): Promise<ServerStep> {
  const message = readPlain(response);
  if (message === undefined) return { kind: 'failure', condition: 'malformed-request' };
  const { authcid, authzid, password } = message;
  const verifiers = await options.lookup(authcid);
  if (!(await passwordFits(password, authcid, verifiers, options.fake))) {
    return { kind: 'failure', condition: 'not-authorized' };
  }
  if (!options.authorize(authcid, authzid)) return { kind: 'failure', condition: 'invalid-authzid' };
  return { kind: 'success', authcid, authzid, data: undefined };
}

/** The answer to `<auth/>` or `<response/>`; `undefined` is an `<auth/>` without initial response. */
export async function advanceServer(state: ServerState, response: Uint8Array | undefined): Promise<ServerStep> {
  switch (state.kind) {
    case 'plain-waiting':
    case 'scram-waiting':
      // RFC 6120 §6.4.2: both mechanisms speak first on the client's side, so an empty challenge asks for it.
      if (response === undefined) return { kind: 'challenge', state, challenge: new Uint8Array() };
      return state.kind === 'plain-waiting' ? checkPlain(state.options, response) : answerClientFirst(state, response);
    case 'scram-first-answered':
      if (response === undefined) return { kind: 'failure', condition: 'malformed-request' };
      return checkClientFinal(state, response);
  }
}
