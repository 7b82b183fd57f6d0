// A roster is one stanza, however long. Up to the limit for servers (16 MiB) it
// passes; a longer one ends this session with the reason, and the proxy's memory
// stays within bounds either way (docs/operate/README.md, "Limits").
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { logInRaw } from '../support/raw-session.ts';

const domain = 'example.test';
const accounts = ['alice', 'bob', 'carol'].map((name) => ({ name, password: `${name}-pass-phrase` }));
const person = (name: string) => ({ jid: `${name}@${domain}`, password: `${name}-pass-phrase` });

/** Contacts with names of 10 kB each. */
const contacts = { alice: 5_000, carol: 1_200 };
const lua = `
local counts = { alice = ${contacts.alice}, carol = ${contacts.carol} };
local name = string.rep("n", 10000);
module:hook("roster-load", function (event)
	for i = 1, counts[event.username] or 0 do
		event.roster["contact" .. i .. "@${domain}"] = { subscription = "none", name = name, groups = {} };
	end
end);
`;

const MiB = 1024 * 1024;

describe('12 server leg: a roster of 50 MB', function () {
  needs('prosody');
  this.timeout(90_000);
  const stack = new AsyncDisposableStack();
  const proxies = new Map<'ended' | 'relayed', ProxySide>();
  /** Connections that must not be harmed. */
  const others = new Map<'ended' | 'relayed', RawClient>();

  before('opens a world', async () => {
    const prosody = stack.use(await Prosody.start({ domain, accounts, plugins: { test_roster: lua } }));
    for (const mode of ['ended', 'relayed'] as const) {
      const proxy = stack.use(await ProxySide.create());
      const way = ['--direct', '--server', `127.0.0.1:${prosody.port}`, '--server-tls', 'none'];
      if (mode === 'relayed') await proxy.setUpDomain(domain, ...way);
      else for (const { name } of accounts) await proxy.setUpAccount(person(name), ...way);
      await proxy.run();
      proxies.set(mode, proxy);
      others.set(mode, stack.use(await logInRaw(proxy.login(person('bob')))));
    }
  });
  after('ends the world', () => stack.disposeAsync());

  /** The most memory that the proxy has had so far, in MiB. */
  async function peakMiB(proxy: ProxySide): Promise<number> {
    const status = await readFile(`/proc/${proxy.role.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** Logs in without presence, for which Prosody would probe each contact, and asks for the roster. */
  async function askForRoster(proxy: ProxySide, name: string): Promise<RawClient> {
    const client = await RawClient.connect(proxy.login(person(name)));
    client.write(header(domain));
    await client.hear('</stream:features>');
    const response = Buffer.from(`\0${name}\0${name}-pass-phrase`).toString('base64');
    client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${response}</auth>`);
    await client.hear('<success');
    client.write(header(domain));
    await client.hear(/<success[^]*<\/stream:features>/);
    client.write(`<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    await client.hear('<jid>');
    client.write(`<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>`);
    return client;
  }

  for (const mode of ['ended', 'relayed'] as const) {
    it(`where logins are ${mode}, 12 MB pass whole`, async () => {
      await using client = await askForRoster(proxies.get(mode)!, 'carol');
      const text = await client.hear(/<\/query><\/iq>$/, 30_000);
      assert.equal(text.match(/<item /g)?.length, contacts.carol);
    });

    it(`where logins are ${mode}, 50 MB end this session with the reason, and no other`, async () => {
      const proxy = proxies.get(mode)!;
      const before = await peakMiB(proxy);
      await using client = await askForRoster(proxy, 'alice');
      const text = await client.untilClosed(60_000);
      assert.match(text, /<remote-connection-failed.*larger than.*<\/stream:stream>$/s);
      const grown = (await peakMiB(proxy)) - before;
      assert.ok(grown < 96, `the proxy grew by ${grown.toFixed(0)} MiB`);
      const other = others.get(mode)!;
      other.write(`<iq type='get' id='alive' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
      await other.hear(`id='alive'`);
      assert.ok(text.length < 16 * MiB);
    });
  }
});
