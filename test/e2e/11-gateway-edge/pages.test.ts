// What docs/operate tells administrators to write: each server is started with
// the lines of its page, the gateway with the flags beside them, and somebody
// logs in.
import assert from 'node:assert/strict';

import type { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority, type Certificate } from '../support/certs.ts';
import type { Ejabberd } from '../support/ejabberd.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { loginAt, ProxySide } from '../support/proxy-side.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain } from '../support/world.ts';
import { startEjabberd, startProsody } from './configured-server.ts';
import { firstLinesOf, linesOf } from './page.ts';

interface Variant {
  readonly page: 'prosody.md' | 'ejabberd.md' | 'README.md';
  readonly heading: string;
  readonly port: number;
  /** What the gateway finds there, and with it which plain clients it can serve. */
  readonly tls: 'none' | 'starttls-required' | 'direct';
}

const variants: readonly Variant[] = [
  { page: 'README.md', heading: 'Ten lines', port: 15222, tls: 'none' },
  { page: 'prosody.md', heading: 'SIMPP for everyone', port: 15222, tls: 'none' },
  { page: 'prosody.md', heading: 'Clients with and without SIMPP', port: 15222, tls: 'starttls-required' },
  { page: 'prosody.md', heading: 'Clients that begin with TLS', port: 15223, tls: 'direct' },
  { page: 'ejabberd.md', heading: 'SIMPP for everyone', port: 15222, tls: 'none' },
  { page: 'ejabberd.md', heading: 'Clients with and without SIMPP', port: 15222, tls: 'starttls-required' },
];

/** The flags of the page's `gateway init` that say the way to the server; places are the test's. */
async function flagsOf({ page, heading }: Variant): Promise<string[]> {
  const [command = ''] = (await linesOf(page, heading, ''))
    .map((block) => /simpp gateway init ([^]*?[^\\])$/m.exec(block)?.[1])
    .filter((flags) => flags !== undefined);
  const words = command.replaceAll(/\\\n/g, ' ').trim().split(/\s+/);
  const flags: string[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [name = '', value = ''] = words.slice(at, at + 2);
    if (!['--domain', '--listen', '--server', '--public'].includes(name)) flags.push(name, value);
  }
  return flags;
}

describe('11 gateway edge: the pages for operators', function () {
  needs('prosody', 'ejabberd', 'slixmpp', 'openssl');
  this.timeout(60_000);
  let authority: TestAuthority;
  let certificate: Certificate;
  before(async () => {
    authority = await TestAuthority.create();
    certificate = await authority.issue([domain]);
  });
  after(() => authority?.[Symbol.asyncDispose]());

  async function start({ page, heading, port, tls }: Variant): Promise<Prosody | Ejabberd> {
    const options = { domain, accounts: [alice, bob], certificate };
    if (page === 'ejabberd.md')
      return startEjabberd(await firstLinesOf(page, heading, 'yaml'), port, { ...options, tls });
    // Whether TLS is demanded is what the page says, or Prosody's own default.
    const lines = `c2s_require_encryption = true\n${await firstLinesOf(page, heading, 'lua')}`;
    return startProsody(lines, port, { ...options, tls: tls === 'starttls-required' ? 'starttls' : tls });
  }

  for (const variant of variants) {
    it(`are right: ${variant.page}, ${variant.heading}`, async () => {
      const flags = await flagsOf(variant);
      const isSpliced = variant.tls !== 'none';
      assert.equal(flags.includes('--server-tls'), isSpliced, 'the way to the server is the one that the page means');
      await using server = await start(variant);
      const trust = isSpliced ? ['--server-ca', authority.caFile] : [];
      await using gateway = await GatewaySide.start({ domain, server, flags: [...flags, ...trust] });
      await using machine = await ProxySide.create();
      await machine.setUpDomain(domain, '--invite', gateway.invite);
      await machine.run();
      await using first = await SlixmppClient.login(machine.login(alice));
      first.say(alice.jid, 'as the page says');
      await first.hear('as the page says');
      if (!isSpliced) return;
      const tls = variant.tls === 'direct' ? 'direct' : 'starttls';
      const plain = { ...loginAt(gateway, bob), tls, caFile: authority.caFile } as const;
      await using second = await SlixmppClient.login(plain);
      assert.ok((await second.ping()) >= 0);
    });
  }
});
