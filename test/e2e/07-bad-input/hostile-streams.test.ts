// Broken and hostile XML, silent, slow and deaf peers, at every door: the proxy's
// before and after a login, the gateway's outer stream, and the stream inside a
// channel. Each ends within limits with its own error, and a conversation through
// the same proxy and gateway goes on.
import assert from 'node:assert/strict';

import { concat, utf8 } from '../../../shared/bytes.ts';
import { needs } from '../../run/needs.ts';
import { AttackerChannel, crypto, entropy } from '../support/attacker.ts';
import { eventually } from '../support/eventually.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { logInRaw } from '../support/raw-session.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain, mallory, worldOfSuite } from '../support/world.ts';

interface Case {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly condition: string;
}

const inBody = (text: string | Uint8Array): Uint8Array =>
  concat(
    utf8(`<message to='${bob.jid}'><body>`),
    typeof text === 'string' ? utf8(text) : text,
    utf8('</body></message>'),
  );

/** What is wrong wherever it stands. */
const cases: readonly Case[] = [
  { what: 'a comment', bytes: utf8('<!-- hello -->'), condition: 'restricted-xml' },
  { what: 'a processing instruction', bytes: utf8('<?php evil() ?>'), condition: 'restricted-xml' },
  { what: 'a DTD', bytes: utf8('<!DOCTYPE x [<!ENTITY a "b">]>'), condition: 'restricted-xml' },
  { what: 'an entity of one’s own', bytes: inBody('&lol;'), condition: 'restricted-xml|not-well-formed' },
  { what: 'a reference to no character', bytes: inBody('&#0;'), condition: 'not-well-formed' },
  { what: 'invalid UTF-8', bytes: inBody(new Uint8Array([0x68, 0xc3, 0x28])), condition: 'unsupported-encoding' },
  { what: 'an overlong encoding', bytes: inBody(new Uint8Array([0xc0, 0xaf])), condition: 'unsupported-encoding' },
  { what: 'tags that do not fit', bytes: utf8('<message><body></message>'), condition: 'not-well-formed' },
  { what: 'an attribute twice', bytes: utf8(`<message to='a' to='b'/>`), condition: 'not-well-formed' },
  { what: '10,000 levels', bytes: utf8('<message>' + '<x>'.repeat(10_000)), condition: 'policy-violation' },
  { what: '300 KiB', bytes: inBody('x'.repeat(300 * 1024)), condition: 'policy-violation' },
  { what: 'a tag without end', bytes: utf8(`<message to='${'a'.repeat(300 * 1024)}`), condition: 'policy-violation' },
];

describe('07 hostile streams', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob, mallory] });
  let first: SlixmppClient;
  let second: SlixmppClient;
  /** Peers that say nothing, or hardly anything: they are given up while the other tests run. */
  const quiet: { readonly what: string; readonly client: RawClient; readonly since: number }[] = [];
  let drip: NodeJS.Timeout | undefined;
  let turn = 0;

  before('two people talk, some say nothing', async () => {
    const { gateway, login } = world();
    first = await SlixmppClient.login(login(alice));
    second = await SlixmppClient.login(login(bob));
    for (const [what, place] of [
      ['proxy', login(alice)],
      ['gateway', gateway],
    ] as const) {
      const since = performance.now();
      quiet.push({ what: `silent at the ${what}`, client: await RawClient.connect(place), since });
      quiet.push({ what: `slow at the ${what}`, client: await RawClient.connect(place), since });
    }
    const text = header(domain);
    let at = 0;
    drip = setInterval(() => {
      for (const { what, client } of quiet) if (what.startsWith('slow')) client.write(text[at % text.length] ?? '');
      at++;
    }, 400);
  });
  after('they leave', async () => {
    clearInterval(drip);
    for (const { client } of quiet) await client[Symbol.asyncDispose]();
    await first?.[Symbol.asyncDispose]();
    await second?.[Symbol.asyncDispose]();
  });

  /** The conversation goes on, both ways. */
  async function talkOn(): Promise<void> {
    const [question, answer] = [`question ${++turn}`, `answer ${turn}`];
    first.say(bob.jid, question);
    await second.hear(question);
    second.say(alice.jid, answer);
    await first.hear(answer);
  }

  for (const { what, bytes, condition } of cases) {
    it(`${what}: refused at every door, and others talk on`, async () => {
      const { gateway, invite, login } = world();
      const error = new RegExp(`<(?:${condition}) xmlns=['"]urn:ietf:params:xml:ns:xmpp-streams['"]`);
      const text = /<text [^>]*>[A-Z][^<]{10,}\.<\/text>/;

      await using stranger = await RawClient.connect(login(mallory));
      stranger.write(header(domain));
      await stranger.hear('</stream:features>');
      stranger.write(bytes);
      const atProxy = await stranger.untilClosed();
      assert.match(atProxy, error);
      assert.match(atProxy, text);
      assert.ok(atProxy.endsWith('</stream:stream>'));

      await using member = await logInRaw(login(mallory));
      member.write(bytes);
      const inSession = await member.untilClosed();
      assert.match(inSession, error);
      assert.match(inSession, text);

      await using outside = await RawClient.connect(gateway);
      outside.write(header(domain));
      const offered = await outside.hear('</stream:features>');
      outside.write(bytes);
      const atGateway = await outside.untilClosed();
      assert.equal(atGateway.slice(offered.length), "<failure xmlns='urn:simpp:stream:2'/></stream:stream>");

      const agreement = entropy.privateKey(crypto.p256);
      await using inside = await AttackerChannel.open(invite, domain, { kind: 'guest', agreement });
      inside.leg.write(header(domain));
      inside.leg.write(bytes);
      assert.match(await inside.hearOut(), error);

      await talkOn();
    });
  }

  it('a prefix that nothing binds: the server itself refuses it, and others talk on', async () => {
    await using member = await logInRaw(world().login(mallory));
    member.write('<x:message/>');
    assert.match(await member.untilClosed(), /<stream:error><not-well-formed [^]*<\/stream:stream>$/);
    await talkOn();
  });

  it('something before the header, or another document: refused at every door', async () => {
    const { gateway, login } = world();
    for (const place of [login(alice), gateway]) {
      for (const bytes of [
        'GET / HTTP/1.1\r\nHost: example.test\r\n\r\n',
        '<html><body>hello</body></html>',
        `<?xml version='1.0'?><!DOCTYPE stream><stream:stream/>`,
        'x'.repeat(100_000),
        '\u0000\u0001\u0002',
        `<stream:stream ${"a='b' ".repeat(2000)}>`,
      ]) {
        await using client = await RawClient.connect(place);
        client.write(bytes);
        const heard = await client.untilClosed();
        assert.match(
          heard,
          /<stream:error><[a-z-]+ [^]*<\/stream:error><\/stream:stream>$/,
          JSON.stringify(bytes.slice(0, 40)),
        );
      }
    }
    await talkOn();
  });

  it('a handshake larger than 8 KiB is refused before its end', async () => {
    const { gateway } = world();
    await using client = await RawClient.connect(gateway);
    client.write(header(domain));
    const offered = await client.hear('</stream:features>');
    client.write(`<handshake xmlns='urn:simpp:stream:2' suite='P256+MLKEM768_AESGCM_SHA256'>${'A'.repeat(9000)}`);
    const heard = await client.untilClosed(5000);
    assert.equal(heard.slice(offered.length), "<failure xmlns='urn:simpp:stream:2'/></stream:stream>");
    await talkOn();
  });

  it('a client that stops reading holds nobody else up', async () => {
    const { login } = world();
    await using deaf = await logInRaw(login(mallory));
    deaf.pause();
    const flood = 'x'.repeat(50_000);
    for (let count = 0; count < 80; count++) first.say(mallory.jid, flood);
    await talkOn();
    await talkOn();
    deaf.resume();
    await eventually('the whole flood', () => deaf.bytes.length > 80 * flood.length, 30_000);
  });

  it('silent and slow peers are given up, at the gateway after 10 s, at the proxy after 30 s', async () => {
    for (const { what, client, since } of quiet) {
      const limitMs = what.endsWith('gateway') ? 10_000 : 30_000;
      const heard = await client.untilClosed(45_000);
      assert.match(heard, /<\/stream:stream>$|^$/, what);
      if (what === 'silent at the proxy') assert.match(heard, /<connection-timeout [^]*No stream header came in time/);
      assert.ok(performance.now() - since >= limitMs - 100, what);
    }
    await talkOn();
  });
});
