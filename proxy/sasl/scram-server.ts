// SCRAM, the server's side (RFC 5802 §5, §6), from stored verifiers. An unknown
// user is led through the same exchange with a salt that never changes, and is
// refused at its end, so that nobody learns who has an account.
import { equalBytes, toBase64, utf8 } from '../../shared/bytes.ts';
import { scramMechanisms, type ScramMechanism } from './mechanisms.ts';
import { hashBytes, hashOf, hmac, xor, type ScramVerifier } from './scram-keys.ts';
import {
  bindingInput,
  readClientFinal,
  readClientFirst,
  ScramSyntaxError,
  writeServerFirst,
  type BindingFlag,
  type ClientFirst,
} from './scram-message.ts';
import { fakeVerifier } from './verifiers.ts';
import type { ServerOptions, ServerStep } from './server.ts';

export interface ScramWaiting {
  readonly kind: 'scram-waiting';
  readonly mechanism: ScramMechanism;
  readonly options: ServerOptions;
}

export interface ScramFirstAnswered {
  readonly kind: 'scram-first-answered';
  readonly mechanism: ScramMechanism;
  readonly options: ServerOptions;
  readonly first: ClientFirst;
  readonly serverFirst: string;
  readonly nonce: string;
  /** Of a user that does not exist the verifier is made up; `known` decides at the end. */
  readonly verifier: ScramVerifier;
  readonly known: boolean;
}

const refused: ServerStep = { kind: 'failure', condition: 'not-authorized' };
const malformed: ServerStep = { kind: 'failure', condition: 'malformed-request' };

function reading<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof ScramSyntaxError) return undefined;
    throw error;
  }
}

/** RFC 5802 §6: the flag must fit the mechanism, and "y" is a downgrade when -PLUS had been offered. */
function flagAllowed(flag: BindingFlag, mechanism: ScramMechanism, options: ServerOptions): boolean {
  const { plus } = scramMechanisms[mechanism];
  switch (flag.kind) {
    case 'n':
      return !plus;
    case 'y':
      return !plus && options.binding === undefined;
    case 'p':
      return plus && flag.type === options.binding?.type;
  }
}

export async function answerClientFirst(state: ScramWaiting, response: Uint8Array): Promise<ServerStep> {
  const { mechanism, options } = state;
  const first = reading(readClientFirst, response);
  if (first === undefined) return malformed;
  if (!flagAllowed(first.header.flag, mechanism, options)) return refused;
  const { hash } = scramMechanisms[mechanism];
  const stored = (await options.lookup(first.username))?.[hash];
  const verifier = stored ?? fakeVerifier(options.fake, hash, options.canonical(first.username));
  const nonce = first.nonce + options.nonce;
  const serverFirst = writeServerFirst(nonce, verifier.salt, verifier.iterations);
  return {
    kind: 'challenge',
    state: {
      kind: 'scram-first-answered',
      mechanism,
      options,
      first,
      serverFirst,
      nonce,
      verifier,
      known: stored !== undefined,
    },
    challenge: utf8(serverFirst),
  };
}

export function checkClientFinal(state: ScramFirstAnswered, response: Uint8Array): ServerStep {
  const { first, options, verifier, known } = state;
  const final = reading(readClientFinal, response);
  if (final === undefined) return malformed;
  const { hash, plus } = scramMechanisms[state.mechanism];
  const bound = bindingInput(first.headerText, plus ? options.binding?.data : undefined);
  if (!equalBytes(final.channelBinding, bound) || final.nonce !== state.nonce) return refused;
  if (final.proof.length !== hashBytes[hash]) return refused;
  const authMessage = utf8(`${first.bare},${state.serverFirst},${final.withoutProof}`);
  const clientKey = xor(final.proof, hmac(hash, verifier.storedKey, authMessage));
  const proven = equalBytes(hashOf(hash, clientKey), verifier.storedKey);
  if (!proven || !known) return refused;
  const { authzid } = first.header;
  if (!options.authorize(first.username, authzid)) return { kind: 'failure', condition: 'invalid-authzid' };
  const signature = hmac(hash, verifier.serverKey, authMessage);
  return { kind: 'success', authcid: first.username, authzid, data: utf8(`v=${toBase64(signature)}`) };
}
