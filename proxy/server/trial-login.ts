// A login as the proxy makes it for a client, and at once a logout: does the
// server take the stored password, and what can it do? Nothing is sent to
// anybody, and without presence nobody sees that the account was here.

import { asSimppError, SimppError, type ErrorCode } from '../../shared/errors.ts';
import { element, type Xml } from '../../shared/xml/write.ts';
import { serverLimits } from '../../shared/xml/scanner.ts';
import { readFeatures } from '../../shared/xmpp/features.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { childrenOf, childText, iqPayload, readBindResult, stanzaHead } from '../../shared/xmpp/stanza.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { setupDomain } from '../address.ts';
import { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import type { Setup } from '../options.ts';
import { dial, type DialDeps } from './dial.ts';
import { loginUpstream } from './login.ts';
import { nextElement, openStream } from './opening.ts';

/** What a server can do that clients may miss. */
export type ServerAbility = 'stream management' | 'message archive' | 'carbons' | 'PEP';

export type TrialLogin =
  | {
      readonly kind: 'accepted';
      readonly mechanism: string;
      readonly abilities: readonly ServerAbility[];
      /** The server's clock in milliseconds since 1970 (XEP-0202), when it tells. */
      readonly serverTime?: number | undefined;
    }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly text: string };

const timeoutMs = 10_000;
const lingerMs = 500;
/** A server that answers questions with this many other stanzas is not asked on. */
const maxStanzas = 200;

/** Logs in with this password, looks around, logs out; never rejects. */
export async function tryLogin(setup: Setup & { kind: 'jid' }, password: string, deps: DialDeps): Promise<TrialLogin> {
  try {
    const { jid } = setup;
    const upstream = await dial(setup, { kind: 'account', jid }, { timeoutMs, ...deps });
    const leg = new Leg(upstream.stream, serverLimits);
    const giveUp = (): void => leg.destroy();
    deps.signal?.addEventListener('abort', giveUp);
    try {
      const { mechanism } = await loginUpstream(leg, { jid, password, encrypted: upstream.encrypted, timeoutMs });
      return { kind: 'accepted', mechanism, ...(await lookAround(leg, setupDomain(setup))) };
    } catch (error) {
      throw upstream.farewell() ?? error;
    } finally {
      deps.signal?.removeEventListener('abort', giveUp);
      await linger(leg, lingerMs, '</stream:stream>');
    }
  } catch (error) {
    const { code, message: text } = asSimppError(error, 'server-unreachable');
    return { kind: 'failed', code, text };
  }
}

async function lookAround(
  leg: Leg,
  domain: string,
): Promise<Omit<TrialLogin & { kind: 'accepted' }, 'kind' | 'mechanism'>> {
  const { features, scope } = await openStream(leg, { to: domain });
  const { streamManagement } = readFeatures(features, scope);
  const bound = await ask(leg, scope, { id: 'bind', type: 'set' }, element('bind', { xmlns: ns.bind }));
  const jid = readBindResult(bound, scope);
  if (jid === undefined)
    throw new SimppError('unexpected-element', 'The server took the password, but bound no address.');
  const disco = element('query', { xmlns: ns.discoInfo });
  const ofServer = offers(await ask(leg, scope, { id: 'server', type: 'get', to: domain }, disco), scope);
  const ofAccount = offers(await ask(leg, scope, { id: 'account', type: 'get', to: bareJid(jid) }, disco), scope);
  const asked = await ask(leg, scope, { id: 'time', type: 'get', to: domain }, element('time', { xmlns: entityTime }));
  const time = iqPayload(asked, scope, 'result', entityTime, 'time');
  const serverTime = Date.parse((time && childText(time.bytes, time.scope, entityTime, 'utc')) ?? '');
  const abilities: ServerAbility[] = [];
  if (streamManagement.length > 0) abilities.push('stream management');
  if (ofAccount.has(ns.mam) || ofServer.has(ns.mam)) abilities.push('message archive');
  if (ofServer.has(ns.carbons) || ofAccount.has(ns.carbons)) abilities.push('carbons');
  if (ofAccount.has('pubsub/pep') || ofServer.has('pubsub/pep')) abilities.push('PEP');
  return { abilities, serverTime: Number.isNaN(serverTime) ? undefined : serverTime };
}

/** XEP-0202. */
const entityTime = 'urn:xmpp:time';

/** Sends an IQ and waits for its answer, past whatever else arrives. */
async function ask(
  leg: Leg,
  scope: Bindings,
  head: Readonly<Record<'id' | 'type', string>> & { readonly to?: string },
  payload: Xml,
): Promise<Uint8Array> {
  leg.write(element('iq', head, payload));
  for (let count = 0; count < maxStanzas; count++) {
    const bytes = await nextElement(leg, scope);
    const { local, id } = stanzaHead(bytes, scope);
    if (local === 'iq' && id === head.id) return bytes;
  }
  throw new SimppError('too-slow', 'The server sent much, but no answer.');
}

/** Features (XEP-0030) by name, identities as category/type. */
function offers(answer: Uint8Array, scope: Bindings): ReadonlySet<string> {
  const query = iqPayload(answer, scope, 'result', ns.discoInfo, 'query');
  if (query === undefined) return new Set();
  return new Set(
    childrenOf(query.bytes, query.scope).map(({ tag: { attributes } }) =>
      attributes.has('var') ? attributes.get('var')! : `${attributes.get('category')}/${attributes.get('type')}`,
    ),
  );
}
