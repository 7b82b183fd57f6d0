// Clients that refuse plaintext: STARTTLS and TLS from the first byte, with the
// certificate of the local authority, to a real Prosody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { toBase64, utf8 } from '../../../shared/bytes.ts';
import { needs } from '../../run/needs.ts';
import { createScram } from './scram-login.ts';
import { domain, prosodyForTests } from './prosody.ts';
import { bind, header, plainAuth, RawClient } from './raw-client.ts';
import { directTo, TestProxy, type TestProxyOptions } from './test-proxy.ts';
import { memoryLog } from './memory-log.ts';

const jid = `alice@${domain}`;
const anyPort = [{ host: '127.0.0.1', port: 0 }];
const starttls = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;

describe('a client on a TLS leg', function () {
  this.timeout(20_000);
  needs('openssl');
  const prosody = prosodyForTests();
  let proxy: TestProxy;

  const start = async (options: Partial<TestProxyOptions> = {}): Promise<void> => {
    const setups = [directTo(prosody.server.port, { jid }), directTo(prosody.server.port, { domain })];
    const listeners = { listenStarttls: anyPort, listenTls: anyPort };
    proxy = await TestProxy.start({ setups, passwords: { [jid]: 'alice-secret' }, ...listeners, ...options });
  };
  const trusting = (): ConnectionOptions => ({ ca: proxy.ca, servername: domain });
  const plain = (): Promise<RawClient> => RawClient.connect(proxy.running.listenStarttls[0]!);
  const direct = (extra: ConnectionOptions = {}): Promise<RawClient> =>
    RawClient.connectTls(proxy.running.listenTls[0]!, { ...trusting(), ...extra });
  const upgraded = async (): Promise<RawClient> => {
    const client = await plain();
    await client.open(domain);
    client.write(starttls);
    await client.expect(/<proceed [^>]*\/>/);
    return client.upgrade(trusting());
  };
  afterEach(() => proxy[Symbol.asyncDispose]());

  it('is offered STARTTLS, required, and nothing else before it', async () => {
    await start();
    await using client = await plain();
    const offer = await client.open(domain);
    assert.match(offer, /<stream:stream[^>]* from='example\.test' /);
    assert.equal(
      offer.slice(offer.indexOf('<stream:features>')),
      `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>`,
    );
  });

  it('is shown no STARTTLS where plaintext or TLS is meant', async () => {
    await start();
    await using first = await RawClient.connect(proxy.address);
    await using second = await direct();
    await using third = await upgraded();
    for (const client of [first, second, third]) assert.doesNotMatch(await client.open(domain), /starttls/);
  });

  it('ends with policy-violation when it does anything but STARTTLS', async () => {
    await start();
    for (const word of [plainAuth('alice', 'alice-secret'), `<iq type='get' id='1'/>`]) {
      await using client = await plain();
      await client.open(domain);
      client.write(word);
      const last = await client.closed();
      assert.match(last, /<stream:error><policy-violation .*<text [^>]*>[^<]*STARTTLS[^<]*<\/text>/);
      assert.doesNotMatch(last, /<success|<failure/);
    }
    await using leaving = await plain();
    await leaving.open(domain);
    leaving.write('</stream:stream>');
    assert.equal(await leaving.closed(), '</stream:stream>');
  });

  it('logs in after STARTTLS and with TLS at once, with a stored password and without', async () => {
    await start();
    for (const client of [await upgraded(), await direct()]) {
      assert.equal(await client.login(domain, 'alice', 'alice-secret', 'r'), `${jid}/r`);
      await client[Symbol.asyncDispose]();
    }
    for (const client of [await upgraded(), await direct()]) {
      assert.equal(await client.login(domain, 'carol', 'carol-secret', 'r'), `carol@${domain}/r`);
      await client[Symbol.asyncDispose]();
    }
  });

  it('has what it sent between <starttls/> and <proceed/> thrown away, a whole login, too', async () => {
    await start();
    await using client = await plain();
    await client.open(domain);
    const injected = `<presence id='injected'/>`.repeat(50);
    client.write(starttls + header(domain) + plainAuth('alice', 'alice-secret') + injected);
    assert.match(await client.expect(/<proceed [^>]*\/>/), /^<proceed [^>]*\/>$/);
    await using secured = await client.upgrade(trusting());
    const offer = await secured.open(domain);
    assert.match(offer, /<mechanism>PLAIN</);
    assert.doesNotMatch(secured.received, /success|failure|injected/);
  });

  it('forgets the stream before TLS: header, prefixes and all', async () => {
    await start();
    await using client = await plain();
    client.write(
      `<?xml version='1.0'?><s:stream to='${domain}' from='mallory@${domain}' version='1.0' xmlns='jabber:client'` +
        ` xmlns:s='http://etherx.jabber.org/streams' xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'>`,
    );
    const first = await client.expect('</stream:features>');
    client.write('<t:starttls/>');
    await client.expect(/<proceed [^>]*\/>/);
    await using secured = await client.upgrade(trusting());
    const second = await secured.open(domain);
    assert.doesNotMatch(second, /mallory/);
    const idOf = (text: string): string | undefined => / id='([^']+)'/.exec(text)?.[1];
    assert.notEqual(idOf(second), idOf(first));
    secured.write('<t:auth/>');
    assert.match(await secured.closed(), /<stream:error>/);
  });

  for (const flag of ['n', 'y'] as const) {
    it(`logs in by SCRAM with the flag "${flag}", and is offered no -PLUS`, async () => {
      await start({ setups: [directTo(prosody.server.port, { jid })] });
      await using client = await direct();
      const offer = await client.open(domain);
      assert.match(offer, /<mechanism>SCRAM-SHA-256<.*<mechanism>PLAIN</s);
      assert.doesNotMatch(offer, /-PLUS/);
      const scram = createScram('SCRAM-SHA-256', 'alice', 'alice-secret', { kind: flag });
      client.write(scram.auth);
      client.write(await scram.respond(await client.expect(/<challenge.*?<\/challenge>/)));
      scram.verify(await client.expect(/<success.*?<\/success>/));
      client.write(header(domain) + bind('r'));
      await client.expect(`<jid>${jid}/r</jid>`);
    });
  }

  it('is offered only PLAIN where a domain is set up, unless its header names an account with a stored password', async () => {
    await start();
    const mechanisms = async (extra = ''): Promise<string[]> => {
      await using client = await direct();
      return Array.from((await client.open(domain, extra)).matchAll(/<mechanism>([^<]+)/g), ([, name]) => name!);
    };
    assert.deepEqual(await mechanisms(), ['PLAIN']);
    assert.deepEqual(await mechanisms(` from='carol@${domain}'`), ['PLAIN']);
    assert.deepEqual(await mechanisms(` from='${jid}'`), ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN']);
  });

  it('whose password nobody stores is judged by its server, in the server’s own words, and may try again', async () => {
    const log = memoryLog();
    await start({ log });
    await using client = await direct();
    await client.open(domain);
    client.write(plainAuth('carol', 'wrong-and-long-enough'));
    // Prosody's words about SCRAM, by which the proxy has asked.
    assert.match(await client.expect('</failure>'), /<not-authorized\/><text>The response provided by the client/);
    client.write(plainAuth('Carol@Example.Test', 'carol-secret'));
    await client.expect('<success');
    client.write(header(domain) + bind('r'));
    await client.expect(`<jid>carol@${domain}/r</jid>`);
    assert.deepEqual(proxy.accounts.credentials(`carol@${domain}`), {});
    assert.ok(!proxy.accounts.names().includes(`carol@${domain}`));
    for (const secret of ['carol-secret', 'wrong-and-long-enough']) assert.doesNotMatch(log.text, new RegExp(secret));
    assert.equal(proxy.running.status().setups[domain]?.connections, 1);
  });

  it('that changes its password keeps nothing of it here, either', async () => {
    await start();
    await using client = await direct();
    await client.login(domain, 'bob', 'bob-secret', 'r');
    const change = (password: string): string =>
      `<iq type='set' id='${password}' to='${domain}'><query xmlns='jabber:iq:register'><username>bob</username>` +
      `<password>${password}</password></query></iq>`;
    client.write(change('changed'));
    assert.match(await client.expect(/<iq [^>]*id='changed'[^>]*>/), /type='result'/);
    assert.deepEqual(proxy.accounts.credentials(`bob@${domain}`), {});
    client.write(change('bob-secret'));
    assert.match(await client.expect(/<iq [^>]*id='bob-secret'[^>]*>/), /type='result'/);
  });

  it('may neither act for another account, nor log in at another domain, nor as nobody', async () => {
    await start();
    const auth = (mechanism: string, data: string): string =>
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${toBase64(utf8(data))}</auth>`;
    await using client = await direct();
    await client.open(domain);
    client.write(auth('PLAIN', `${jid}\0carol\0carol-secret`));
    await client.expect('<invalid-authzid/>');
    client.write(auth('PLAIN', `\0carol@elsewhere.test\0carol-secret`));
    await client.expect('<not-authorized/>');
    client.write(auth('ANONYMOUS', ''));
    await client.expect('<invalid-mechanism/>');
    client.write(`<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>`);
    assert.match(await client.closed(), /<not-authorized .*must log in before/s);
  });

  it('refuses a wrong authority and a wrong name; of the first the log tells, and the mend', async () => {
    const log = memoryLog();
    await start({ log });
    await assert.rejects(direct({ ca: [] }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await assert.rejects(direct({ servername: 'elsewhere.test' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    // Unlike Node's, this client says in its handshake what it does not like.
    const openssl = spawn('openssl', ['s_client', '-verify_return_error', '-connect', proxy.running.listenTls[0]!], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await log.logged(/certificate-invalid.*does not trust the certificate of this proxy; \\"simpp cert install\\"/);
    openssl.kill();
    await once(openssl, 'close');
  });

  it('speaks ALPN or not, TLS 1.2 or 1.3, nothing older', async () => {
    await start();
    for (const extra of [{}, { ALPNProtocols: ['xmpp-client'] }, { maxVersion: 'TLSv1.2' }] as const) {
      await using client = await direct(extra);
      await client.open(domain);
    }
    await assert.rejects(direct({ ALPNProtocols: ['h2'] }));
    await assert.rejects(direct({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }));
  });

  it('that never begins its handshake, or speaks plaintext instead, is sent away in time', async () => {
    await start({ timing: { headerMs: 1000, lingerMs: 100 } });
    await using silent = await RawClient.connect(proxy.running.listenTls[0]!);
    assert.equal(await silent.closed(), '');
    await using wrong = await RawClient.connect(proxy.running.listenTls[0]!);
    wrong.write(header(domain));
    assert.doesNotMatch(await wrong.closed(), /stream/);
    await using half = await plain();
    await half.open(domain);
    half.write(starttls);
    assert.match(await half.closed(), /^<proceed [^>]*\/>$/);
  });

  it('is told in time that the proxy stops, in the middle of a handshake as well', async () => {
    await start();
    await using waiting = await RawClient.connect(proxy.running.listenTls[0]!);
    await using client = await direct();
    await client.login(domain, 'carol', 'carol-secret', 'r');
    const stopped = proxy[Symbol.asyncDispose]();
    assert.match(await client.closed(), /<system-shutdown /);
    await waiting.closed();
    await stopped;
    await start();
  });

  it('is told that there are too many, but not in clear where it waits for TLS', async () => {
    await start({ limits: { maxConnections: 1 } });
    await using first = await direct();
    await first.open(domain);
    await using second = await plain();
    assert.match(await second.closed(), /<policy-violation .*Too many clients/s);
    await using third = await RawClient.connect(proxy.running.listenTls[0]!);
    assert.equal(await third.closed(), '');
  });

  it('sees its set-ups change without a restart', async () => {
    await start({ setups: [directTo(prosody.server.port, { jid })] });
    const before = await direct().then(fingerprint);
    const other = directTo(prosody.server.port, { jid: 'alice@other.test' });
    await proxy.running.reload([directTo(prosody.server.port, { jid }), other]);
    assert.equal(await direct().then(fingerprint), before);
    assert.notEqual(await direct({ servername: 'other.test' }).then(fingerprint), before);
  });
});

async function fingerprint(client: RawClient): Promise<string | undefined> {
  const { socket } = client;
  // as: the caller made it with TLS.
  const found = (socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
  await client[Symbol.asyncDispose]();
  return found;
}
