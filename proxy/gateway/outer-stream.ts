// The outer stream: what a stranger sees of the gateway in clear, before a
// handshake or TLS (docs/protocol.md §4). No `from` is asked for, and nothing of
// it survives the switch.

import { concat, toHex, utf8 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { element } from '../../shared/xml/write.ts';
import { domainOf } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import type { ReceivedHeader } from '../../shared/xmpp/stream-header.ts';

/** An id for a stream that nobody can guess (RFC 6120 §4.7.3). */
export function freshStreamId(crypto: Pick<Crypto, 'randomBytes'>): string {
  return toHex(crypto.randomBytes(16));
}

/** The domain that a header asks for; throws SimppError('host-unknown') or SimppError('jid-invalid'). */
export function chooseDomain(header: ReceivedHeader, domains: readonly string[]): string {
  if (header.to === undefined) {
    const [only, ...others] = domains;
    if (only !== undefined && others.length === 0) return only;
    throw new SimppError('jid-invalid', 'The stream does not say which domain it is for.');
  }
  const domain = domainOf(header.to);
  if (!domains.includes(domain)) throw new SimppError('host-unknown', 'This gateway does not serve that domain.');
  return domain;
}

/** `<stream:features/>` with SIMPP and, where clients without it are served, STARTTLS. */
export function writeFeatures(offer: Uint8Array, withStarttls: boolean): Uint8Array {
  const starttls = withStarttls ? element('starttls', { xmlns: ns.tls }, element('required')) : '';
  return concat(utf8(`<stream:features>${starttls}`), offer, utf8('</stream:features>'));
}
