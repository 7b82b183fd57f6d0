// JID set-ups: the login ends at the proxy, which logs in at a real Prosody.
import assert from 'node:assert/strict';
import { createScram, type ScramLogin } from './scram-login.ts';
import { domain, prosodyForTests } from './prosody.ts';
import { bind, header, plainAuth, RawClient } from './raw-client.ts';
import { directTo, TestProxy, type TestProxyOptions } from './test-proxy.ts';

const jid = `alice@${domain}`;

describe('a client whose login ends at the proxy', function () {
  this.timeout(20_000);
  const prosody = prosodyForTests();
  let proxy: TestProxy;
  let client: RawClient;

  const start = async (options: Partial<TestProxyOptions> = {}): Promise<void> => {
    const setups = [directTo(prosody.server.port, { jid })];
    proxy = await TestProxy.start({ setups, passwords: { [jid]: 'alice-secret' }, ...options });
    client = await RawClient.connect(proxy.address);
  };
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  it('is offered SCRAM, strongest first, and PLAIN, and nothing else', async () => {
    await start();
    const offer = await client.open(domain, ` xml:lang='de'`);
    assert.match(offer, /<stream:stream[^>]* from='example\.test' id='[^']+' xml:lang='de' version='1\.0'>/);
    const features = offer.slice(offer.indexOf('<stream:features>'));
    const names = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'];
    assert.equal(
      features,
      `<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>` +
        `${names.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms></stream:features>`,
    );
  });

  it('logs in by PLAIN, as localpart or whole address, whatever the case', async () => {
    await start();
    assert.equal(await client.login(domain, 'alice', 'alice-secret', 'r'), `${jid}/r`);
    for (const name of ['ALICE', 'Alice@Example.Test']) {
      await using other = await RawClient.connect(proxy.address);
      assert.equal(await other.login('EXAMPLE.test', name, 'alice-secret', 's'), `${jid}/s`);
    }
  });

  for (const mechanism of ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    it(`logs in by ${mechanism}, with the proxy’s proof in <success/>`, async () => {
      await start();
      const scram: ScramLogin = createScram(mechanism, 'alice', 'alice-secret');
      await client.open(domain);
      client.write(scram.auth);
      client.write(await scram.respond(await client.expect(/<challenge.*?<\/challenge>/)));
      scram.verify(await client.expect(/<success.*?<\/success>/));
      const features = await client.open(domain);
      assert.match(features, /<bind /);
    });
  }

  it('sees after the login what the server says, to the same bytes', async () => {
    await start();
    const script = async (address: string): Promise<string> => {
      await using raw = await RawClient.connect(address);
      await raw.open(domain);
      raw.write(plainAuth('alice', 'alice-secret'));
      await raw.expect(/<success[^>]*>/);
      raw.write(header(domain, ` xml:lang='fr'`) + bind('same'));
      raw.write(`<iq type='get' id='q1'><query xmlns='jabber:iq:roster'/></iq>`);
      await raw.expect(/<iq [^>]*id='q1'/);
      raw.write(`<message to='nobody@${domain}' id='m1'><x xmlns='urn:unheard-of'/></message></stream:stream>`);
      await raw.closed();
      const afterLogin = raw.received.slice(raw.received.indexOf('<success'));
      return afterLogin.replaceAll(/ id='[0-9a-f-]{36}'/g, '').replaceAll(/ ver='[^']*'/g, '');
    };
    assert.equal(await script(proxy.address), await script(`127.0.0.1:${prosody.server.port}`));
  });

  it('is refused with a wrong password and with an unknown name in the same way, and may try again', async () => {
    await start();
    await client.open(domain);
    client.write(plainAuth('alice', 'wrong'));
    const wrong = await client.expect('</failure>');
    client.write(plainAuth('mallory', 'alice-secret'));
    const unknown = await client.expect('</failure>');
    assert.equal(wrong, unknown);
    assert.match(wrong, /<not-authorized\/><text xml:lang='en'>[^<]+<\/text>/);
    client.write(plainAuth('alice', 'alice-secret'));
    await client.expect('<success');
  });

  it('has five attempts on a connection', async () => {
    await start();
    await client.open(domain);
    for (let i = 0; i < 5; i++) {
      client.write(plainAuth('alice', 'wrong'));
      await client.expect('</failure>');
    }
    assert.match(await client.closed(), /<policy-violation .*<text [^>]*>[^<]+<\/text>.*<\/stream:stream>$/);
  });

  it('spends them by anything that is answered with a failure', async () => {
    await start();
    const xmlns = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
    for (const each of [
      `<abort ${xmlns}/>`,
      `<response ${xmlns}/>`,
      `<auth ${xmlns} mechanism='PLAIN'>***</auth>`,
      `<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>`,
    ]) {
      await using other = await RawClient.connect(proxy.address);
      await other.open(domain);
      other.write(each.repeat(20));
      const answers = await other.closed();
      assert.equal(answers.match(/<failure /g)?.length, 5, each);
      assert.match(answers, /<policy-violation .*<\/stream:stream>$/);
    }
  });

  it('is answered every misuse of SASL as servers do', async () => {
    await start();
    const sasl = (name: string, rest: string): string => `<${name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'${rest}`;
    await client.open(domain);
    client.write(sasl('auth', ` mechanism='EXTERNAL'/>`));
    await client.expect('<invalid-mechanism/>');
    client.write(sasl('auth', ` mechanism='PLAIN'>***</auth>`));
    await client.expect('<incorrect-encoding/>');
    client.write(sasl('response', '/>'));
    await client.expect('<malformed-request/>');
    client.write(sasl('auth', ` mechanism='SCRAM-SHA-1'/>`));
    await client.expect('<challenge');
    client.write(sasl('abort', '/>'));
    await client.expect('<aborted/>');
    client.write(plainAuth('alice', 'alice-secret'));
    await client.expect('<success');
  });

  it('must log in before anything else', async () => {
    await start();
    await client.open(domain);
    client.write(`<iq type='get' id='x'><ping xmlns='urn:xmpp:ping'/></iq>`);
    assert.match(await client.closed(), /<not-authorized .*<\/stream:stream>$/);
  });

  it('may close its stream instead of logging in', async () => {
    await start();
    await client.open(domain);
    client.write('</stream:stream>');
    assert.equal(await client.closed(), '</stream:stream>');
  });

  it('hears the server’s own refusal of the stored password; then PLAIN with the right one is tried, and kept', async () => {
    await start({ passwords: { [jid]: 'outdated' } });
    await client.open(domain);
    client.write(plainAuth('alice', 'outdated'));
    assert.match(await client.expect('</failure>'), /<not-authorized\/><text>[^<]+<\/text>/);

    await using next = await RawClient.connect(proxy.address);
    const offer = await next.open(domain);
    assert.deepEqual(offer.match(/<mechanism>[^<]+/g), ['<mechanism>PLAIN']);
    next.write(plainAuth('alice', 'also-wrong'));
    assert.match(await next.expect('</failure>'), /<text>/);
    assert.equal(proxy.accounts.credentials(jid).password, 'outdated');
    next.write(plainAuth('alice', 'alice-secret'));
    await next.expect('<success');
    assert.equal(proxy.accounts.credentials(jid).password, 'alice-secret');

    await using last = await RawClient.connect(proxy.address);
    assert.match(await last.open(domain), /SCRAM-SHA-512/);
  });

  it('finds out that the stored password is outdated when the client comes with the new one', async () => {
    await start({ passwords: { [jid]: 'outdated' } });
    await client.open(domain);
    client.write(plainAuth('alice', 'alice-secret'));
    assert.match(await client.expect('</failure>'), /<text>/);
    client.write(plainAuth('alice', 'alice-secret'));
    await client.expect('<success');
    assert.equal(proxy.accounts.credentials(jid).password, 'alice-secret');
  });

  it('is judged by the server while no password is stored', async () => {
    await start({ passwords: {} });
    assert.equal(await client.login(domain, 'alice', 'alice-secret', 'first'), `${jid}/first`);
    assert.equal(proxy.accounts.credentials(jid).password, 'alice-secret');
  });

  it('changes its password in-band, at the server and here', async () => {
    await start({
      setups: [directTo(prosody.server.port, { jid: `bob@${domain}` })],
      passwords: { [`bob@${domain}`]: 'bob-secret' },
    });
    await client.login(domain, 'bob', 'bob-secret', 'r');
    client.write(
      `<iq type='set' id='c1' to='${domain}'><query xmlns='jabber:iq:register'><username>bob</username>` +
        `<password>changed</password></query></iq>`,
    );
    assert.match(await client.expect(/<iq [^>]*id='c1'[^>]*>/), /type='result'/);
    assert.equal(proxy.accounts.credentials(`bob@${domain}`).password, 'changed');
    await using again = await RawClient.connect(proxy.address);
    assert.equal(await again.login(domain, 'bob', 'changed', 'again'), `bob@${domain}/again`);
  });

  it('wins over its domain’s set-up once its login names it; others of the domain stay relayed', async () => {
    const setups = [directTo(prosody.server.port, { domain }), directTo(prosody.server.port, { jid })];
    await start({ setups, passwords: { [jid]: 'alice-secret' } });
    await client.open(domain);
    client.write(plainAuth('alice', 'alice-secret') + header(domain) + bind('over'));
    await client.expect(`<jid>${jid}/over</jid>`);
    await using other = await RawClient.connect(proxy.address);
    assert.equal(await other.login(domain, 'carol', 'carol-secret', 'r'), `carol@${domain}/r`);
    const { counters, setups: bySetup } = proxy.running.status();
    assert.equal(counters['sessionsTakenOver'], 1);
    assert.deepEqual([bySetup[domain]?.connections, bySetup[jid]?.connections], [1, 1]);
    // What a login cost before it was taken over is counted where it began.
    assert.deepEqual([bySetup[domain]?.counters['sessionsTakenOver'], bySetup[jid]?.counters['logins']], [1, 1]);
    assert.ok((bySetup[jid]?.since ?? Infinity) <= Date.now());
  });
});
