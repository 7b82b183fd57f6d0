// A SASL login as a client, as values: start, advance on each challenge, finish
// on success (RFC 6120 §6.4). What moves the bytes is the server leg's matter.
import { SimppError } from '../../shared/errors.ts';
import type { Mechanism } from './mechanisms.ts';
import { writePlain } from './plain.ts';
import {
  answerServerFirst,
  checkServerFinal,
  startScramClient,
  type ScramClientOptions,
  type ScramFinalSent,
  type ScramFirstSent,
} from './scram-client.ts';
import type { ScramKeys } from './scram-keys.ts';

export type ClientOptions = ScramClientOptions;

export type ClientState =
  | { readonly kind: 'plain-sent' }
  | ScramFirstSent
  | ScramFinalSent
  /** Server-final came as a challenge and was right; only `<success/>` is missing. */
  | { readonly kind: 'scram-verified'; readonly keys: ScramKeys };

export interface ClientStart {
  readonly state: ClientState;
  readonly initial: Uint8Array;
}

export interface ClientStep {
  readonly kind: 'respond';
  readonly state: ClientState;
  readonly response: Uint8Array;
}

/** What a login leaves behind: with SCRAM the keys that make the next one cheap. */
export interface ClientSuccess {
  readonly keys?: ScramKeys;
}

export function startClient(mechanism: Mechanism, options: ClientOptions): ClientStart {
  if (mechanism !== 'PLAIN') return startScramClient(mechanism, options);
  const { authzid, authcid, password } = options;
  if (password === undefined) throw new SimppError('sasl-failed', 'PLAIN needs the password.');
  return { state: { kind: 'plain-sent' }, initial: writePlain({ authzid, authcid, password }) };
}

/** The answer to a challenge; throws SimppError('sasl-failed') on one that is wrong or does not belong here. */
export async function advanceClient(state: ClientState, challenge: Uint8Array): Promise<ClientStep> {
  switch (state.kind) {
    case 'scram-first-sent':
      return { kind: 'respond', ...(await answerServerFirst(state, challenge)) };
    case 'scram-final-sent': {
      // RFC 4422 §3.6 lets a server send its last data as a challenge, to be answered with nothing.
      const keys = checkServerFinal(state, challenge);
      return { kind: 'respond', state: { kind: 'scram-verified', keys }, response: new Uint8Array() };
    }
    case 'plain-sent':
    case 'scram-verified':
      throw new SimppError('sasl-failed', 'The server sent a challenge that does not belong here.');
  }
}

/** Ends a login on `<success/>`; throws SimppError('sasl-failed') when the server has not proven itself. */
export function finishClient(state: ClientState, successData?: Uint8Array): ClientSuccess {
  switch (state.kind) {
    case 'plain-sent':
      return {};
    case 'scram-verified':
      return { keys: state.keys };
    case 'scram-final-sent':
      if (successData !== undefined) return { keys: checkServerFinal(state, successData) };
      throw new SimppError('sasl-failed', 'The server did not prove that it knows this account.');
    case 'scram-first-sent':
      throw new SimppError('sasl-failed', 'The server accepted the login without asking for a proof.');
  }
}
