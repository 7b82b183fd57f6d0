// Bad input, bad servers, bad luck: what each gets, and that nobody else is harmed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { SimppError } from '../../../shared/errors.ts';
import { domain, prosodyForTests } from './prosody.ts';
import { bind, header, plainAuth, RawClient } from './raw-client.ts';
import { directTo, TestProxy, type TestProxyOptions } from './test-proxy.ts';

const jid = `alice@${domain}`;

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  assert(address !== null && typeof address === 'object');
  probe.close();
  await once(probe, 'close');
  return address.port;
}

/** What a client gets for some bytes, until the connection ends. */
async function answerTo(proxy: TestProxy, bytes: string | Uint8Array): Promise<string> {
  await using client = await RawClient.connect(proxy.address);
  client.write(bytes);
  return await client.closed();
}

const streamError = (condition: string): RegExp =>
  new RegExp(
    `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>` +
      `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>[^<]+</text></stream:error></stream:stream>$`,
  );

describe('a proxy without its server', function () {
  this.timeout(10_000);
  const both = async (): Promise<TestProxyOptions['setups']> => {
    const port = await deadPort();
    return [directTo(port, { domain: 'relayed.test' }), directTo(port, { jid: 'alice@ended.test' })];
  };

  it('tells a relayed client within a second that the server cannot be reached', async () => {
    await using proxy = await TestProxy.start({ setups: await both() });
    const startedAt = performance.now();
    const answer = await answerTo(proxy, header('relayed.test'));
    assert.match(
      answer,
      /^<\?xml [^>]*><stream:stream[^>]* from='relayed\.test' id='[^']+' xml:lang='en' version='1.0'>/,
    );
    assert.match(answer, streamError('remote-connection-failed'));
    assert(performance.now() - startedAt < 1000);
  });

  it('tells a client whose login ends here as soon as it has proven itself', async () => {
    const passwords = { 'alice@ended.test': 'pw' };
    await using proxy = await TestProxy.start({ setups: await both(), passwords });
    await using client = await RawClient.connect(proxy.address);
    await client.open('ended.test');
    client.write(plainAuth('alice', 'pw'));
    assert.match(await client.closed(), streamError('remote-connection-failed'));
  });

  it('answers a domain without a set-up with <host-unknown/>, from that domain', async () => {
    await using proxy = await TestProxy.start({ setups: await both() });
    const answer = await answerTo(proxy, header('other.test'));
    assert.match(answer, / from='other\.test'/);
    assert.match(answer, streamError('host-unknown'));
  });

  it('answers a header without to, when several domains could be meant, with <improper-addressing/>', async () => {
    await using proxy = await TestProxy.start({ setups: await both() });
    assert.match(await answerTo(proxy, header(undefined)), streamError('improper-addressing'));
  });

  it('answers what is no stream of XMPP with the error that RFC 6120 has for it', async () => {
    await using proxy = await TestProxy.start({ setups: await both() });
    const cases: [string | Uint8Array, string][] = [
      ['GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
      [Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01), 'not-well-formed'],
      [`<!DOCTYPE x [<!ENTITY a 'b'>]>`, 'restricted-xml'],
      [`<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>`, 'invalid-namespace'],
      [`<stream xmlns='jabber:client'>`, 'invalid-namespace'],
      [`<a:b xmlns:a='http://etherx.jabber.org/streams' xmlns='jabber:client'>`, 'bad-format'],
      [header('x'.repeat(20_000)), 'policy-violation'],
      [header('ended.test').replace(" version='1.0' xmlns", ' xmlns'), 'unsupported-version'],
    ];
    for (const [bytes, condition] of cases) assert.match(await answerTo(proxy, bytes), streamError(condition));
  });

  it('gives a silent client a time for its header, and a slow one a time for its login', async () => {
    const passwords = { 'alice@ended.test': 'pw' };
    const timing = { headerMs: 60, loginMs: 120 };
    await using proxy = await TestProxy.start({ setups: await both(), passwords, timing });
    assert.match(await answerTo(proxy, ''), streamError('connection-timeout'));
    assert.match(await answerTo(proxy, `<stream:stream xmlns`), streamError('connection-timeout'));
    assert.match(await answerTo(proxy, header('ended.test')), streamError('connection-timeout'));
  });

  it('serves no more clients than its limit, and says so to the next', async () => {
    await using proxy = await TestProxy.start({ setups: await both(), limits: { maxConnections: 1 } });
    await using first = await RawClient.connect(proxy.address);
    await first.open('ended.test');
    assert.match(await answerTo(proxy, header('ended.test')), streamError('policy-violation'));
    first.write('</stream:stream>');
    await first.closed();
  });

  it('listens on this machine only, and on a free port only', async () => {
    const setups = await both();
    const start = (host: string, port: number): Promise<unknown> =>
      TestProxy.start({ setups, listen: [{ host, port }] }).then((proxy) => proxy[Symbol.asyncDispose]());
    const code = (expected: string) => (error: unknown) => error instanceof SimppError && error.code === expected;
    await assert.rejects(start('0.0.0.0', 0), code('config-invalid'));
    await assert.rejects(start('192.0.2.1', 0), code('config-invalid'));
    await using proxy = await TestProxy.start({ setups });
    await assert.rejects(start('127.0.0.1', Number(proxy.address.split(':')[1])), code('port-taken'));
  });

  it('takes new set-ups for the streams that begin from then on', async () => {
    await using proxy = await TestProxy.start({ setups: [] });
    assert.match(await answerTo(proxy, header('ended.test')), streamError('host-unknown'));
    await proxy.running.reload(await both());
    await using client = await RawClient.connect(proxy.address);
    await client.open('ended.test');
    assert.deepEqual(Object.keys(proxy.running.status().setups), ['relayed.test', 'alice@ended.test']);
  });

  it('sends everybody away when it stops', async () => {
    await using proxy = await TestProxy.start({ setups: await both() });
    await using waiting = await RawClient.connect(proxy.address);
    await waiting.open('ended.test');
    const stopped = proxy.running.stop();
    assert.match(await waiting.closed(), streamError('system-shutdown'));
    waiting.socket.destroy();
    await stopped;
  });
});

describe('a proxy before a real server', function () {
  this.timeout(30_000);
  const prosody = prosodyForTests();
  let proxy: TestProxy;
  beforeEach(async () => {
    const { port } = prosody.server;
    const setups = [directTo(port, { domain }), directTo(port, { jid })];
    proxy = await TestProxy.start({ setups, passwords: { [jid]: 'alice-secret' } });
  });
  afterEach(() => proxy[Symbol.asyncDispose]());

  it('refuses what a client must not send, while others go on undisturbed', async () => {
    await using bystander = await RawClient.connect(proxy.address);
    await bystander.login(domain, 'carol', 'carol-secret', 'bystander');
    const cases: [string | Uint8Array, string][] = [
      [`<message><body>${'x'.repeat(300 * 1024)}</body></message>`, 'policy-violation'],
      ['<a>'.repeat(10_000), 'policy-violation'],
      ['<!-- comment -->', 'restricted-xml'],
      ['<?php ?>', 'restricted-xml'],
      [`<message><body><!DOCTYPE x></body></message>`, 'restricted-xml'],
      ['<message>&entity;</message>', 'restricted-xml'],
      [Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0xfe), 'unsupported-encoding'],
      ['<a></b>', 'not-well-formed'],
      ['text', 'not-well-formed'],
    ];
    for (const name of ['alice', 'carol']) {
      for (const [bytes, condition] of cases) {
        await using client = await RawClient.connect(proxy.address);
        await client.login(domain, name, `${name}-secret`, 'bad');
        client.write(bytes);
        assert.match(await client.closed(), streamError(condition));
      }
    }
    bystander.write(`<iq type='get' id='p' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await bystander.expect(/<iq [^>]*id='p'[^>]*>/);
  });

  it('serves two hundred clients at once', async () => {
    const clients = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const client = await RawClient.connect(proxy.address);
        const name = index % 2 === 0 ? 'alice' : 'carol';
        await client.login(domain, name, `${name}-secret`, `r${index}`);
        return client;
      }),
    );
    assert.equal(proxy.running.status().connections.open, 200);
    for (const client of clients)
      client.write(`<iq type='get' id='p' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await Promise.all(clients.map((client) => client.expect(/<iq [^>]*id='p'[^>]*>/)));
    for (const client of clients) client.write('</stream:stream>');
    await Promise.all(clients.map((client) => client.closed()));
    for (const client of clients) client.socket.destroy();
  });

  it('relays the server’s stream error, whole and with its close', async () => {
    await using client = await RawClient.connect(proxy.address);
    await client.login(domain, 'carol', 'carol-secret', 'same');
    await using other = await RawClient.connect(proxy.address);
    await other.login(domain, 'carol', 'carol-secret', 'same');
    assert.match(
      await client.closed(),
      /<stream:error><conflict xmlns='[^']+'\/><text [^>]*>[^<]+<\/text><\/stream:error><\/stream:stream>$/,
    );
  });

  it('when the server is killed, hangs up on relayed clients and tells ended ones', async () => {
    await using relayed = await RawClient.connect(proxy.address);
    await relayed.login(domain, 'carol', 'carol-secret', 'r');
    await using ended = await RawClient.connect(proxy.address);
    await ended.login(domain, 'alice', 'alice-secret', 'r');
    await prosody.server.kill();
    assert.equal(await relayed.closed(), '');
    assert.match(await ended.closed(), streamError('remote-connection-failed'));
    await prosody.server.start();
    await using again = await RawClient.connect(proxy.address);
    await again.login(domain, 'carol', 'carol-secret', 'again');
  });

  it('carries a flood to a slow client without loss', async () => {
    await using slow = await RawClient.connect(proxy.address);
    await slow.login(domain, 'carol', 'carol-secret', 'slow');
    slow.write('<presence/>');
    await slow.expect('<presence');
    slow.socket.pause();
    await using fast = await RawClient.connect(proxy.address);
    await fast.open(domain);
    fast.write(plainAuth('alice', 'alice-secret') + header(domain) + bind('fast'));
    await fast.expect('<jid>');
    const body = 'x'.repeat(4000);
    const count = 1000;
    for (let i = 0; i < count; i++)
      fast.write(`<message to='carol@${domain}/slow' type='chat' id='f${i}'><body>${body}</body></message>`);
    fast.write(`<iq type='get' id='p' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await fast.expect(/<iq [^>]*id='p'[^>]*>/);
    slow.socket.resume();
    await slow.expect(new RegExp(`id='f${count - 1}'.*?</message>`, 's'));
    assert.equal(slow.received.match(/<message /g)?.length, count);
  });
});
