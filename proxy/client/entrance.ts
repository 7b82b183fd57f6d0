// What stands before the first header that counts: TLS, on listeners that ask
// for it. What was said before it is forgotten (RFC 6120 §5.4.3.3), and so is
// whatever was sent between <starttls/> and <proceed/> (transparency.md §3.3):
// anyone on the way could have written it.
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { isElement, readStartTag } from '../../shared/xml/tag.ts';
import { element } from '../../shared/xml/write.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import type { ClientStream } from './client-stream.ts';
import type { ClientSecurity } from './security.ts';

const tlsOffer = utf8(element('stream:features', {}, element('starttls', { xmlns: ns.tls }, element('required'))));
const proceed = utf8(element('proceed', { xmlns: ns.tls }));

/** Lets a client in by its listener's rules; false when it left before. Throws SimppError. */
export async function enter(client: ClientStream, security: ClientSecurity, timeoutMs: number): Promise<boolean> {
  if (security.kind === 'plaintext') return true;
  const { contextFor } = security;
  if (security.kind === 'starttls' && !(await takeStarttls(client, timeoutMs))) return false;
  const before = security.kind === 'starttls' ? proceed : undefined;
  client.patience.allow(timeoutMs, () => new SimppError('too-slow', 'The client did not complete TLS in time.'));
  await client.beginTls(contextFor, security.kind, before);
  return true;
}

/** Up to the client's <starttls/>, read and not yet answered; false when it left instead. */
async function takeStarttls(client: ClientStream, timeoutMs: number): Promise<boolean> {
  const opening = await client.open(timeoutMs);
  if (opening === undefined) return false;
  const { header } = opening;
  // RFC 6120 §4.7.5: before XMPP 1.0 there were no features, and no STARTTLS.
  if (header.version === undefined) throw new SimppError('unsupported-version');
  client.offer(header, header.to, tlsOffer);
  for (;;) {
    const part = await client.read();
    if (part === undefined || part.kind === 'footer') return false;
    if (part.kind !== 'element') continue;
    if (isElement(readStartTag(part.bytes), header.bindings, ns.tls, 'starttls')) return true;
    throw new SimppError(
      'unexpected-element',
      'This address takes encrypted connections only: the client must begin TLS (STARTTLS) before it logs in.',
    );
  }
}
