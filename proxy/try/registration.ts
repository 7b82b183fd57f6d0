// Makes an account on an XMPP server of somebody's own, by in-band registration
// (XEP-0077), for `simpp try --server`.
import { SimppError } from '../../shared/errors.ts';
import { serverLimits } from '../../shared/xml/scanner.ts';
import { element, escapeText } from '../../shared/xml/write.ts';
import { stanzaHead } from '../../shared/xmpp/stanza.ts';
import { readHeader, writeHeader } from '../../shared/xmpp/stream-header.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import { Leg } from '../leg.ts';
import { connectXmpp } from '../server/connect.ts';
import type { ProsodyAccount } from './prosody-config.ts';

/** Registers an account; throws SimppError('server-unreachable') when the server does not let strangers do so. */
export async function registerAccount(server: Endpoint, domain: string, account: ProsodyAccount): Promise<void> {
  const leg = new Leg(await connectXmpp({ ...server, tls: 'none', domain }), serverLimits);
  try {
    leg.write(writeHeader({ to: domain, version: '1.0' }));
    const header = await leg.read();
    if (header?.kind !== 'header') throw refusal(server, domain);
    const scope = readHeader(header.bytes).bindings;
    const query = element(
      'query',
      { xmlns: 'jabber:iq:register' },
      element('username', {}, escapeText(account.name)),
      element('password', {}, escapeText(account.password)),
    );
    leg.write(element('iq', { type: 'set', id: 'register', to: domain }, query));
    for (let part = await leg.read(); part !== undefined; part = await leg.read()) {
      if (part.kind !== 'element') continue;
      const head = stanzaHead(part.bytes, scope);
      if (head.local === 'iq' && head.type === 'result') return;
      if (head.local === 'iq' || head.local === 'error') throw refusal(server, domain);
    }
    throw refusal(server, domain);
  } finally {
    leg.destroy();
  }
}

function refusal(server: Endpoint, domain: string): SimppError {
  return new SimppError(
    'server-unreachable',
    `The XMPP server at ${formatEndpoint(server)} lets nobody register at ${domain} on a plaintext connection. ` +
      'Name its domain with --domain, and allow in-band registration (XEP-0077) on it while you try SIMPP.',
  );
}
