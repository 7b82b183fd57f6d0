// SCRAM, the client's side (RFC 5802 §5): client-first → server-first →
// client-final → server-final. The login counts only once the server's
// signature has been checked, since it alone shows that the server knows the
// verifier.
import { equalBytes, toBase64, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { scramMechanisms, type ScramMechanism } from './mechanisms.ts';
import { isSignedOffer, type SaslOffer } from './offer-hash.ts';
import { deriveKeys, hashOf, hmac, maxIterations, xor, type ScramKeys } from './scram-keys.ts';
import {
  bindingInput,
  checkNonce,
  readServerFinal,
  readServerFirst,
  ScramSyntaxError,
  writeGs2Header,
  writeName,
  type ServerFirst,
} from './scram-message.ts';

/** What names a TLS channel, by a type of RFC 9266 or RFC 5929. */
export interface ChannelBinding {
  readonly type: 'tls-exporter' | 'tls-unique' | 'tls-server-end-point';
  readonly data: Uint8Array;
}

/** What this leg does about channel binding; `y` claims that the server did not offer -PLUS (RFC 5802 §6). */
export type ClientBinding = { readonly kind: 'n' } | { readonly kind: 'y' } | ({ readonly kind: 'p' } & ChannelBinding);

export interface ScramClientOptions {
  readonly authcid: string;
  readonly authzid?: string | undefined;
  readonly password?: string | undefined;
  /** Keys of an earlier login: they spare PBKDF2 while the server keeps its salt and count. */
  readonly keys?: ScramKeys | undefined;
  readonly nonce: string;
  readonly binding?: ClientBinding | undefined;
  /** What the server offered, to be compared with what it signs (XEP-0474); absent where somebody we trust changed it. */
  readonly offer?: SaslOffer | undefined;
  /** Goes on only if the server signs its offer: the offer makes us do less than we could. */
  readonly needsSignedOffer?: boolean | undefined;
}

export interface ScramFirstSent {
  readonly kind: 'scram-first-sent';
  readonly mechanism: ScramMechanism;
  readonly options: ScramClientOptions;
  readonly headerText: string;
  readonly bare: string;
}

export interface ScramFinalSent {
  readonly kind: 'scram-final-sent';
  readonly serverSignature: Uint8Array;
  readonly keys: ScramKeys;
}

/** A failed login, in words for the person; syntax errors keep their detail. */
function refuse(message: string, cause?: unknown): never {
  throw new SimppError('sasl-failed', message, { cause });
}

function reading<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof ScramSyntaxError)
      refuse(`The server's login message cannot be read: ${error.message}.`, error);
    throw error;
  }
}

export function startScramClient(
  mechanism: ScramMechanism,
  options: ScramClientOptions,
): { readonly state: ScramFirstSent; readonly initial: Uint8Array } {
  const binding = options.binding ?? { kind: 'n' };
  if (scramMechanisms[mechanism].plus !== (binding.kind === 'p')) {
    throw new SimppError('internal', `${mechanism} does not go with the channel-binding flag "${binding.kind}"`);
  }
  const headerText = writeGs2Header({ flag: binding, authzid: options.authzid });
  const bare = `n=${writeName(options.authcid)},r=${checkNonce(options.nonce)}`;
  return {
    state: { kind: 'scram-first-sent', mechanism, options, headerText, bare },
    initial: utf8(headerText + bare),
  };
}

/** Saved keys when they belong to this salt and count, else keys from the password. */
async function keysFor(state: ScramFirstSent, first: ServerFirst): Promise<ScramKeys> {
  const { hash } = scramMechanisms[state.mechanism];
  const { keys, password } = state.options;
  if (keys?.hash === hash && keys.iterations === first.iterations && equalBytes(keys.salt, first.salt)) return keys;
  if (password === undefined) refuse('The server changed its login parameters; the password is needed again.');
  return deriveKeys(hash, password, first.salt, first.iterations);
}

/** XEP-0474 §5.2: an offer that is not the signed one was changed on the way. */
function checkOffer({ mechanism, options }: ScramFirstSent, { offerHash }: ServerFirst): void {
  const { offer, needsSignedOffer } = options;
  const { hash } = scramMechanisms[mechanism];
  if (offer !== undefined && offerHash !== undefined) {
    if (isSignedOffer(hash, offer, offerHash)) return;
    refuse('Somebody on the way has changed what the server offers for the login. No proof of the password was sent.');
  }
  if (needsSignedOffer === true) {
    refuse(
      'The server can bind logins to the TLS channel, but says that it knows no way that SIMPP knows. Somebody on the ' +
        'way may have said so in its place, so no proof of the password was sent.',
    );
  }
}

/** Answers server-first with the proof. */
export async function answerServerFirst(
  state: ScramFirstSent,
  challenge: Uint8Array,
): Promise<{ readonly state: ScramFinalSent; readonly response: Uint8Array }> {
  const first = reading(readServerFirst, challenge);
  const { nonce } = state.options;
  // RFC 5802 §5.1: the server's nonce begins with ours and adds to it.
  if (!first.nonce.startsWith(nonce) || first.nonce.length === nonce.length) {
    refuse("The server's login message does not answer ours: its nonce is wrong.");
  }
  if (first.iterations > maxIterations) {
    refuse(`The server asks for ${first.iterations} iterations; more than ${maxIterations} are refused.`);
  }
  checkOffer(state, first);
  const keys = await keysFor(state, first);
  const binding = state.options.binding;
  const bound = bindingInput(state.headerText, binding?.kind === 'p' ? binding.data : undefined);
  const withoutProof = `c=${toBase64(bound)},r=${first.nonce}`;
  const authMessage = utf8(`${state.bare},${first.text},${withoutProof}`);
  const clientSignature = hmac(keys.hash, hashOf(keys.hash, keys.clientKey), authMessage);
  return {
    state: { kind: 'scram-final-sent', serverSignature: hmac(keys.hash, keys.serverKey, authMessage), keys },
    response: utf8(`${withoutProof},p=${toBase64(xor(keys.clientKey, clientSignature))}`),
  };
}

/** Checks server-final; throws unless it carries the signature that only the right server can make. */
export function checkServerFinal(state: ScramFinalSent, data: Uint8Array): ScramKeys {
  const final = reading(readServerFinal, data);
  if (final.kind === 'error') refuse(`The server refused the login: ${final.error}.`);
  if (!equalBytes(final.signature, state.serverSignature)) {
    refuse('The server could not prove that it knows this account: its signature is wrong.');
  }
  return state.keys;
}
