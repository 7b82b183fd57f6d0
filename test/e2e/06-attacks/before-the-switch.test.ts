// Somebody on the way changes what is still in clear: takes the offer away, or
// puts bytes of his own before the switch to records (docs/protocol.md §4.5, §4.7).
import assert from 'node:assert/strict';

import type { Direction } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { cutHandshake, Recorder } from '../support/recorded-stream.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, worldOfSuite } from '../support/world.ts';

const spoofed = `<message from='bob@example.test' to='alice@example.test'><body>send money</body></message>`;

describe('06 attacks: before the switch to encryption', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob] });

  /** A login under attack; what its client was told, and what the proxy said on the wire. */
  async function attacked(change: (bytes: string, direction: Direction) => string) {
    const { wire, login } = world();
    const from = wire.connections;
    const said: Buffer[] = [];
    wire.transform((chunk, direction, connection) => {
      if (connection < from) return chunk;
      const passed = Buffer.from(change(Buffer.from(chunk).toString('latin1'), direction), 'latin1');
      if (direction === 'up') said.push(Buffer.from(chunk));
      return passed;
    });
    await using client = SlixmppClient.connect(login(alice));
    const error = await client.event('stream-error');
    await client.event('disconnected');
    wire.transform((chunk) => chunk);
    const isQuiet = client.events.all.every(({ event }) => event !== 'session' && event !== 'message');
    assert.ok(isQuiet, 'nothing was delivered');
    return { text: String(error['text']), said: cutHandshake(Buffer.concat(said)), attempts: wire.connections - from };
  }

  /** How a client fares when nobody attacks. */
  async function isWell(): Promise<void> {
    await using client = await SlixmppClient.login(world().login(bob));
    assert.ok((await client.ping()) >= 0);
  }

  it('a removed offer ends the login: the client is told, and not even the JID was said', async () => {
    const strip = (bytes: string, direction: Direction): string =>
      direction === 'down' ? bytes.replace(/<simpp [^]*<\/simpp>/, '') : bytes;
    const { text, said, attempts } = await attacked(strip);
    assert.match(
      text,
      /does not offer SIMPP\. Either it is no SIMPP gateway, or somebody on the way removed the offer/,
    );
    assert.match(said.header.toString('latin1'), /^<\?xml [^>]*\?><stream:stream [^>]*>$/);
    assert.deepEqual([said.handshakes.length, said.rest.length, attempts], [0, 0, 1]);
    await isWell();
  });

  it('a removed suite, or another fingerprint, ends it too', async () => {
    for (const [from, to, wanted] of [
      [/<suite>[^<]*<\/suite>/, '<suite>NONE</suite>', /does not offer the suite/],
      [/<fingerprint>..../, '<fingerprint>AAAA', /has another key/],
    ] as const) {
      const { text, said } = await attacked((bytes, direction) =>
        direction === 'down' ? bytes.replace(from, to) : bytes,
      );
      assert.match(text, wanted);
      assert.equal(said.handshakes.length, 0);
    }
  });

  it('an offer changed in what nobody looks at makes the handshake fail: it is in the prologue', async () => {
    const { gateway } = world();
    const { text, said } = await attacked((bytes, direction) =>
      direction === 'down' ? bytes.replace('</suite>', '</suite><suite>OLD</suite>') : bytes,
    );
    assert.match(text, /refused this device|handshake with the gateway .* failed/);
    assert.equal(said.rest.length, 0);
    const { registrations, logins } = await gateway.counters();
    assert.equal((registrations ?? 0) + (logins ?? 0), 1, 'only bob logged in');
  });

  it('bytes put in before the switch end it, towards the client', async () => {
    for (const place of ['</stream:features>', '</handshake>', '/>']) {
      let isDone = false;
      const { text, said } = await attacked((bytes, direction) => {
        const fits = place === '/>' ? bytes.startsWith('<proceed') : bytes.endsWith(place);
        if (direction === 'up' || isDone || !fits) return bytes;
        isDone = true;
        return bytes + spoofed;
      });
      assert.ok(isDone);
      assert.match(text, /[Bb]ytes were injected|instead of|does not belong/, place);
      assert.equal(said.rest.length, 0, 'no record was sent');
    }
    await isWell();
  });

  it('bytes put in before the switch end it, towards the server', async () => {
    const { gateway, prosody } = world();
    for (const nth of [1, 2]) {
      const { handshakeFailures: before = 0 } = await gateway.counters();
      let seen = 0;
      const { text } = await attacked((bytes, direction) => {
        if (direction === 'down' || !bytes.endsWith('</handshake>') || ++seen !== nth) return bytes;
        return bytes + spoofed;
      });
      assert.equal(seen >= nth, true);
      assert.match(text, /refused this device|closed the connection|cut before/);
      await eventually(
        'the failed handshake',
        async () => (await gateway.counters())['handshakeFailures'] === before + 1,
      );
    }
    assert.doesNotMatch(prosody.log, /send money/);
    await isWell();
  });

  it('was done to real logins: the recorder shows one that nobody touched', async () => {
    const recorder = new Recorder(world().wire);
    await isWell();
    const said = cutHandshake(recorder.bytes('up'));
    assert.deepEqual([said.handshakes.length, said.rest.length > 1000], [2, true]);
  });
});
