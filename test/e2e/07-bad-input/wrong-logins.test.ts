// What goes wrong at a login, in both modes of a client leg: each time the client
// gets an error with a text, and once it is right again it works.
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { Profanity } from '../support/profanity.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { refusedProfanity } from '../support/refused-profanity.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, worldOfSuite } from '../support/world.ts';

const modes = [
  { name: 'ended at the proxy', setUp: [alice, bob], refusal: /name or the password is wrong|^$/ },
  { name: 'relayed to the server', setUp: ['domain'], refusal: /^$|Unable to authorize|.*/ },
] as const;

for (const { name, setUp, refusal } of modes) {
  describe(`07 wrong logins, ${name}`, function () {
    needs('prosody', 'slixmpp', 'profanity');
    this.timeout(60_000);
    const world = worldOfSuite({ setUp });

    /** What a login is told when its stream ends with an error. */
    async function refused(account = alice): Promise<{ condition: string; text: string }> {
      await using client = SlixmppClient.connect(world().login(account));
      const { condition, text } = await client.event('stream-error');
      assert.ok(client.events.all.every(({ event }) => event !== 'session'));
      return { condition: String(condition), text: String(text) };
    }

    async function works(): Promise<void> {
      await using client = await SlixmppClient.login(world().login(alice));
      assert.ok((await client.ping()) >= 0);
    }

    it('a wrong password is SASL not-authorized, on a stream on which the right one still works', async () => {
      const { login } = world();
      {
        await using client = SlixmppClient.connect({ ...login(alice), password: 'wrong' });
        const failure = await client.event('sasl-failure');
        assert.equal(failure['condition'], 'not-authorized');
        assert.match(String(failure['text']), refusal);
      }
      const { port, host } = login(alice);
      await using client = await RawClient.connect({ host, port });
      client.write(header(domain));
      await client.hear('</stream:features>');
      const plain = (password: string): string =>
        `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>` +
        `${Buffer.from(`\0alice\0${password}`).toString('base64')}</auth>`;
      client.write(plain('wrong'));
      await client.hear(/<failure[^]*<not-authorized/);
      client.write(plain(alice.password));
      await client.hear('<success');

      await using profanity = await Profanity.connect({ ...login(bob), password: 'wrong' });
      await profanity.see('Login failed.');
    });

    it('an unknown user is told nothing else than a wrong password', async () => {
      await using client = SlixmppClient.connect(world().login({ jid: `nobody@${domain}`, password: 'guessed' }));
      assert.equal((await client.event('sasl-failure'))['condition'], 'not-authorized');
    });

    it('an unknown domain is host-unknown, with its name', async () => {
      assert.deepEqual(await refused({ ...carol, jid: 'carol@nowhere.test' }), {
        condition: 'host-unknown',
        text: 'This proxy has no set-up for nowhere.test.',
      });
    });

    it('a server that is away is said within a second, and it may come back', async () => {
      const { prosody, login } = world();
      await prosody.stop();
      const startedAt = performance.now();
      const { condition, text } = await refused();
      assert.equal(condition, 'remote-connection-failed');
      assert.match(text, /The gateway cannot reach its XMPP server\. Try again later\./);
      assert.ok(performance.now() - startedAt < 5000, 'slixmpp itself needs most of this');
      assert.match(await refusedProfanity(login(bob)), /The gateway cannot reach its XMPP server/);
      await prosody.start();
      await works();
    });

    it('a gateway that is away is said with its address, and it may come back', async () => {
      const { gateway, wire } = world();
      await gateway.stop();
      const { condition, text } = await refused();
      assert.equal(condition, 'remote-connection-failed');
      assert.match(text, new RegExp(`127\\.0\\.0\\.1:${wire.port}`));
      await gateway.run();
      await works();
    });

    it('a refused port is said as that', async () => {
      const { gateway, proxy } = world();
      await gateway.stop();
      const way = ['--invite', gateway.invite];
      if (setUp[0] === 'domain') await proxy.setUpDomain(domain, ...way);
      else await proxy.setUpAccount(alice, ...way);
      const { condition, text } = await refused();
      assert.equal(condition, 'remote-connection-failed');
      assert.equal(text, `Nothing listens at 127.0.0.1:${gateway.port}: the connection was refused.`);
      await gateway.run();
      await works();
    });
  });
}
