// The login of ended mode: the proxy itself logs in at the server, by the best
// that both know (RFC 6120 §6; transparency.md §1). The server must prove that
// it knows the account before anything else is said to it.

import { toBase64 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { element, escapeText } from '../../shared/xml/write.ts';
import { readFeatures, type StreamFeatures } from '../../shared/xmpp/features.ts';
import { parseJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readSasl } from '../../shared/xmpp/sasl.ts';
import type { Leg } from '../leg.ts';
import { advanceClient, finishClient, startClient } from '../sasl/client.ts';
import { chooseMechanism, isScram, scramMechanisms, type Mechanism } from '../sasl/mechanisms.ts';
import { newNonce } from '../sasl/nonce.ts';
import type { SaslOffer } from '../sasl/offer-hash.ts';
import type { ChannelBinding, ClientBinding } from '../sasl/scram-client.ts';
import type { ScramKeys } from '../sasl/scram-keys.ts';
import { channelBinding, type BindingChoice } from './channel-binding.ts';
import { Deadline } from './deadline.ts';
import { nextElement, openStream, type OpenedStream } from './opening.ts';
import { SaslRefused } from './received-error.ts';

export interface UpstreamOptions {
  /** The account: bare JID, prepared. */
  readonly jid: string;
  /** xml:lang of the stream: the client's. */
  readonly lang?: string | undefined;
  /** `from` is said only to a leg that nobody else reads (RFC 6120 §4.7.1). */
  readonly encrypted: boolean;
}

export interface LoginOptions extends UpstreamOptions {
  readonly password: string;
  /** Of an earlier login: they spare PBKDF2. */
  readonly keys?: ScramKeys | undefined;
  /** 30 s unless told otherwise. */
  readonly timeoutMs?: number | undefined;
}

export interface LoggedIn {
  readonly mechanism: Mechanism;
  /** The type of channel binding, with -PLUS. */
  readonly binding: ChannelBinding['type'] | undefined;
  /** For the next login; none after PLAIN. */
  readonly keys: ScramKeys | undefined;
}

const defaultTimeoutMs = 30_000;

/**
 * Opens the inner stream and logs in; the leg is restarted, the next header not
 * yet sent. Throws SaslRefused with the server's own element when it says no.
 */
export async function loginUpstream(leg: Leg, options: LoginOptions): Promise<LoggedIn> {
  const tooSlow = (): SimppError => new SimppError('too-slow', 'The server did not finish the login in time.');
  using deadline = new Deadline({ timeoutMs: options.timeoutMs ?? defaultTimeoutMs, tooSlow });
  deadline.watch(leg.stream);
  const opened = await openUpstream(leg, options);
  return authenticate(leg, opened, options);
}

/** Opens the inner stream up to its features. */
export function openUpstream(leg: Leg, { jid, lang, encrypted }: UpstreamOptions): Promise<OpenedStream> {
  return openStream(leg, {
    to: parseJid(jid).domain,
    ...(encrypted ? { from: jid } : {}),
    ...(lang === undefined ? {} : { lang }),
  });
}

/** One attempt at SASL on an open stream; after SaslRefused another may follow (RFC 6120 §6.4.5). */
export async function authenticate(
  leg: Leg,
  { features, scope }: OpenedStream,
  { jid, password, keys }: Pick<LoginOptions, 'jid' | 'password' | 'keys'>,
): Promise<LoggedIn> {
  const plan = choose(leg, readFeatures(features, scope));
  const authcid = parseJid(jid).local;
  if (authcid === undefined) throw new SimppError('internal', 'a login needs an account, not a domain');
  const { mechanism, binding } = plan;
  const start = startClient(mechanism, { ...plan, authcid, password, keys, nonce: newNonce() });
  leg.write(element('auth', { xmlns: ns.sasl, mechanism }, escapeText(toBase64(start.initial))));

  let { state } = start;
  for (;;) {
    const bytes = await nextElement(leg, scope);
    const answer = readSasl(bytes, scope);
    switch (answer?.kind) {
      case 'challenge': {
        const step = await advanceClient(state, answer.payload ?? new Uint8Array(0));
        state = step.state;
        leg.write(element('response', { xmlns: ns.sasl }, escapeText(toBase64(step.response))));
        break;
      }
      case 'success': {
        const success = finishClient(state, answer.payload);
        leg.restart();
        return { mechanism, binding: binding.kind === 'p' ? binding.type : undefined, keys: success.keys };
      }
      case 'failure':
        throw new SaslRefused(bytes, answer.condition, answer.text);
      default:
        throw new SimppError('unexpected-element', 'The server sent something that does not belong into a login.');
    }
  }
}

/** How to log in, and what to say about the channel. */
interface Plan {
  readonly mechanism: Mechanism;
  readonly binding: ClientBinding;
  readonly offer: SaslOffer | undefined;
  readonly needsSignedOffer: boolean;
}

function choose(leg: Leg, features: StreamFeatures): Plan {
  const { mechanisms } = features;
  const channel = channelBinding(leg.stream, features);
  // A leg without encryption ends on this machine (connect.ts), so the password may cross it.
  const mechanism = chooseMechanism(mechanisms, { plainAllowed: true, canBind: channel.kind === 'bound' });
  if (mechanism === undefined) {
    const offered = mechanisms.length === 0 ? 'none at all' : mechanisms.slice(0, 10).join(', ');
    throw new SimppError('sasl-failed', `The server offers no way to log in that SIMPP knows (${offered}).`);
  }
  return {
    mechanism,
    binding: flagFor(channel, mechanism),
    // What a gateway passes on is without -PLUS, which the server's hash counts.
    offer: channel.kind === 'impossible' ? undefined : features,
    needsSignedOffer: channel.kind === 'no-common-type',
  };
}

/** RFC 5802 §6; "y" tells the server what we saw, so that it notices when somebody took -PLUS out of its offer. */
function flagFor(channel: BindingChoice, mechanism: Mechanism): ClientBinding {
  switch (channel.kind) {
    case 'bound':
      return isScram(mechanism) && scramMechanisms[mechanism].plus ? { kind: 'p', ...channel.binding } : { kind: 'n' };
    case 'not-offered':
      return { kind: 'y' };
    case 'impossible':
    // "y" would be a lie to a server that did offer -PLUS (XEP-0440 §3).
    case 'no-common-type':
      return { kind: 'n' };
  }
}
