// Domain set-ups: logins pass through to a real Prosody.
import assert from 'node:assert/strict';
import { domain, prosodyForTests } from './prosody.ts';
import { bind, header, plain, plainAuth, RawClient } from './raw-client.ts';
import { directTo, TestProxy } from './test-proxy.ts';

describe('a relayed client', function () {
  this.timeout(20_000);
  const prosody = prosodyForTests({ legacyAuth: 'beside' });
  let proxy: TestProxy;
  let client: RawClient;

  beforeEach(async () => {
    proxy = await TestProxy.start({ setups: [directTo(prosody.server.port, { domain })] });
    client = await RawClient.connect(proxy.address);
  });
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  it('gets what the server says to the same bytes, but for ids and the removals of §3.1', async () => {
    const script = async (address: string): Promise<string> => {
      await using raw = await RawClient.connect(address);
      await raw.login(domain, 'alice', 'alice-secret', 'same');
      raw.write(`<iq type='get' id='q1'><query xmlns='jabber:iq:roster'/></iq>`);
      await raw.expect(/<iq [^>]*id='q1'[^]*?<\/iq>/);
      raw.write(`<message to='nobody@${domain}' id='m1'><x xmlns='urn:unheard-of'/></message></stream:stream>`);
      await raw.closed();
      return raw.received.replaceAll(/ id='[0-9a-f-]{36}'/g, '').replaceAll(/ ver='[^']*'/g, '');
    };
    const direct = await script(`127.0.0.1:${prosody.server.port}`);
    assert.equal(await script(proxy.address), direct);
  });

  it('logs in by pipelining everything in one packet', async () => {
    client.write(`${header(domain)}${plainAuth('alice', 'alice-secret')}${header(domain)}${bind('p')}`);
    await client.expect('<jid>alice@example.test/p</jid>');
  });

  it('logs in byte by byte', async () => {
    await client.drip(header(domain));
    await client.expect('</stream:features>');
    await client.drip(plainAuth('alice', 'alice-secret'));
    await client.expect('<success');
    await client.drip(header(domain) + bind('drip'));
    await client.expect('<jid>alice@example.test/drip</jid>');
  });

  it('is told by the server itself that the password is wrong, and may try again on the same stream', async () => {
    await client.open(domain);
    client.write(plainAuth('alice', 'wrong'));
    const failure = await client.expect('</failure>');
    assert.match(failure, /<not-authorized\/>.*<text[^>]*>[^<]+<\/text>/);
    client.write(plainAuth('alice', 'alice-secret'));
    await client.expect('<success');
  });

  it('logs in without SASL (XEP-0078) on a stream from before XMPP 1.0', async () => {
    client.write(header(domain).replace(" version='1.0' xmlns", ' xmlns'));
    assert.doesNotMatch(await client.expect(/<stream:stream[^>]*>/), /<stream:stream[^>]* version=/);
    client.write(
      `<iq type='set' id='l'><query xmlns='jabber:iq:auth'><username>alice</username>` +
        `<password>alice-secret</password><resource>old</resource></query></iq>`,
    );
    await client.expect(/<iq [^>]*type='result'/);
    client.write(`<iq type='get' id='v' to='${domain}'><query xmlns='jabber:iq:version'/></iq>`);
    await client.expect('Prosody');
    assert.equal(proxy.running.status().connections.open, 1);
  });

  it('registers an account in-band (XEP-0077) before any login', async () => {
    const register = (inner: string): string => `<query xmlns='jabber:iq:register'>${inner}</query>`;
    await client.open(domain);
    client.write(`<iq type='get' id='r1'>${register('')}</iq>`);
    await client.expect('<username/>');
    client.write(
      `<iq type='set' id='r2'>${register('<username>dave</username><password>dave-secret</password>')}</iq>`,
    );
    await client.expect(/<iq [^>]*type='result'[^>]*>|<iq [^>]*id='r2'[^>]*type='result'/);
    client.write(plainAuth('dave', 'dave-secret'));
    await client.expect('<success');
  });

  it('means the only domain when its header has no to', async () => {
    await client.open(undefined);
    client.write(plainAuth('alice', 'alice-secret'));
    await client.expect('<success');
  });

  it('leaves no ghost on the server when it vanishes', async () => {
    await client.login(domain, 'alice', 'alice-secret', 'ghost');
    await using watcher = await RawClient.connect(proxy.address);
    await watcher.login(domain, 'alice', 'alice-secret', 'watcher');
    watcher.write('<presence/>');
    client.write('<presence/>');
    await watcher.expect(/<presence [^>]*from='alice@example.test\/ghost'/);
    client.socket.destroy();
    const gone = await watcher.expect(/<presence [^>]*type='unavailable'[^>]*>/);
    assert.match(gone, /ghost/);
  });

  it('keeps its resumable session on the server when it vanishes, and resumes it through the proxy', async () => {
    await client.login(domain, 'alice', 'alice-secret', 'resumable');
    client.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    const id = / id='([^']+)'/.exec(await client.expect(/<enabled [^>]*>/))![1]!;
    client.socket.destroy();
    await using again = await RawClient.connect(proxy.address);
    await again.open(domain);
    again.write(plainAuth('alice', 'alice-secret'));
    await again.expect('<success');
    await again.open(domain);
    again.write(`<resume xmlns='urn:xmpp:sm:3' h='0' previd='${id}'/>`);
    await again.expect('<resumed ');
    assert.equal(proxy.running.status().connections.open, 1);
  });

  it('is answered ANONYMOUS by the server alone', async () => {
    await client.open(domain);
    client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`);
    await client.expect('</failure>');
    client.write(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain('bob', 'bob-secret')}</auth>`,
    );
    await client.expect('<success');
  });
});
