// STARTTLS as its initiator (RFC 6120 §5.4), on a stream of its own: nothing
// that it said counts afterwards, and nothing may follow <proceed/> in clear.

import type { Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import { isElement, readStartTag } from '../../shared/xml/tag.ts';
import { readFeatures } from '../../shared/xmpp/features.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { Leg } from '../leg.ts';
import { handOver, outerLimits } from './hand-over.ts';
import { nextElement, openStream } from './opening.ts';

/** Negotiates until the server waits for the TLS handshake; throws SimppError, then the socket is the caller's to destroy. */
export async function negotiateStartTls(socket: Socket, domain: string): Promise<void> {
  const leg = new Leg(socket, outerLimits);
  // RFC 6120 §4.7.1: no `from` before the leg is encrypted.
  const { features, scope } = await openStream(leg, { to: domain });
  if (readFeatures(features, scope).starttls === 'none') {
    throw new SimppError('tls-missing', `The server of ${domain} does not offer TLS, so no name or password was sent.`);
  }
  leg.write(`<starttls xmlns='${ns.tls}'/>`);
  const answer = readStartTag(await nextElement(leg, scope));
  if (isElement(answer, scope, ns.tls, 'failure')) {
    throw new SimppError('tls-missing', `The server of ${domain} offers TLS but refuses to begin it.`);
  }
  if (!isElement(answer, scope, ns.tls, 'proceed')) {
    throw new SimppError('unexpected-element', 'The server answered STARTTLS with something else than <proceed/>.');
  }
  handOver(leg, socket);
}
