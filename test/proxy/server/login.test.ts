// The login of ended mode, at a real Prosody in each way it offers TLS, and at
// a scripted server where Prosody would never misbehave.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { serverLimits } from '../../../shared/xml/scanner.ts';
import { toBase64, utf8 } from '../../../shared/bytes.ts';
import { Leg } from '../../../proxy/leg.ts';
import type { ServerTls } from '../../../proxy/gateway/options.ts';
import { connectXmpp } from '../../../proxy/server/connect.ts';
import { authenticate, loginUpstream, openUpstream, type LoggedIn } from '../../../proxy/server/login.ts';
import { openStream } from '../../../proxy/server/opening.ts';
import { SaslRefused, StreamErrorReceived } from '../../../proxy/server/received-error.ts';
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority, type Certificate } from '../../e2e/support/certs.ts';

const domain = 'example.test';
const jid = `alice@${domain}`;
const password = 'correct horse';
const accounts = [{ name: 'alice', password }];

describe('loginUpstream at Prosody', function () {
  this.timeout(30_000);
  needs('prosody', 'openssl');
  let authority: TestAuthority;
  let certificate: Certificate;

  before(async () => {
    authority = await TestAuthority.create();
    certificate = await authority.issue([domain]);
  });
  after(() => authority?.[Symbol.asyncDispose]());

  const connect = async (server: Prosody, tls: ServerTls): Promise<Leg> => {
    const { host, port } = server;
    return new Leg(await connectXmpp({ host, port, tls, domain, caFile: authority.caFile }), serverLimits);
  };

  /** Logs in twice on one server, the second time with the keys of the first, and opens the stream that follows. */
  const logIn = async (tls: ServerTls, options: ProsodyOptions): Promise<LoggedIn> => {
    await using server = await Prosody.start({ domain, accounts, certificate, ...options });
    const encrypted = tls !== 'none';
    const leg = await connect(server, tls);
    const login = await loginUpstream(leg, { jid, password, encrypted, lang: 'de' });
    const inner = await openStream(leg, { to: domain });
    assert.match(Buffer.from(inner.features).toString(), /urn:ietf:params:xml:ns:xmpp-bind/);
    leg.destroy();
    if (login.keys !== undefined) {
      const again = await connect(server, tls);
      const { mechanism } = await loginUpstream(again, { jid, password, keys: login.keys, encrypted });
      assert.equal(mechanism, login.mechanism);
      again.destroy();
    }
    return login;
  };

  it('over direct TLS 1.3', async () => {
    const { mechanism } = await logIn('direct', { tls: 'direct', authentication: 'internal_plain' });
    assert.match(mechanism, /^SCRAM-SHA-(256|512)/);
  });

  it('over required STARTTLS', async () => {
    assert.match((await logIn('starttls', { tls: 'starttls-required' })).mechanism, /^SCRAM-SHA-/);
  });

  it('over TLS 1.2, bound to the channel', async () => {
    const { mechanism, binding } = await logIn('starttls', { tls: 'starttls', tls12: true });
    assert.deepEqual({ mechanism, binding }, { mechanism: 'SCRAM-SHA-1-PLUS', binding: 'tls-unique' });
  });

  it('by PLAIN where nothing better is offered', async () => {
    assert.equal((await logIn('direct', { tls: 'direct', mechanisms: ['PLAIN'] })).mechanism, 'PLAIN');
  });

  it('without TLS on loopback', async () => {
    assert.match((await logIn('none', { tls: 'none' })).mechanism, /^SCRAM-SHA-/);
  });

  it("a wrong password is refused in the server's own words, and the stream takes another attempt", async () => {
    await using server = await Prosody.start({ domain, accounts });
    const leg = await connect(server, 'none');
    const opened = await openUpstream(leg, { jid, encrypted: false });
    await assert.rejects(authenticate(leg, opened, { jid, password: 'wrong' }), (error) => {
      assert.ok(error instanceof SaslRefused);
      assert.equal(error.condition, 'not-authorized');
      assert.match(Buffer.from(error.element).toString(), /^<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>/);
      return true;
    });
    await authenticate(leg, opened, { jid, password });
    leg.destroy();
  });

  it('an unknown domain is a stream error, kept whole', async () => {
    await using server = await Prosody.start({ domain, accounts });
    const leg = await connect(server, 'none');
    await assert.rejects(loginUpstream(leg, { jid: 'alice@elsewhere.test', password, encrypted: false }), (error) => {
      assert.ok(error instanceof StreamErrorReceived);
      assert.equal(error.code, 'host-unknown');
      assert.match(Buffer.from(error.element).toString(), /host-unknown/);
      return true;
    });
  });
});

describe('loginUpstream at a server that does wrong', () => {
  const streamOpening = (mechanisms: string): string =>
    `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
    `from='${domain}' id='s1' version='1.0'><stream:features>${mechanisms}</stream:features>`;
  const offering = (...names: string[]): string =>
    streamOpening(
      `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>` +
        `${names.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms>`,
    );
  const sasl = (name: string, text: string): string =>
    `<${name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${toBase64(utf8(text))}</${name}>`;

  /** Logs in where the server answers each thing that is said with the next of these. */
  async function against(
    answers: readonly ((heard: string) => string | undefined)[],
    encrypted = true,
    timeoutMs = 5000,
  ): Promise<{ readonly login: Promise<LoggedIn>; readonly heard: string[] }> {
    const [ours, theirs] = duplexPair();
    const heard: string[] = [];
    theirs.on('data', (chunk: Buffer) => {
      heard.push(String(chunk));
      const answer = answers[heard.length - 1]?.(String(chunk));
      if (answer !== undefined) theirs.write(answer);
    });
    const login = loginUpstream(new Leg(ours, serverLimits), { jid, password, encrypted, timeoutMs });
    login.catch(() => {});
    return { login, heard };
  }

  const nonceOf = (heard: string): string =>
    /r=([^,]+)/.exec(Buffer.from(/>([^<]+)</.exec(heard)?.[1] ?? '', 'base64').toString())?.[1] ?? '';
  const serverFirst = (heard: string): string =>
    sasl('challenge', `r=${nonceOf(heard)}more,s=${toBase64(utf8('salt'))},i=4096`);

  it('a server that cannot prove that it knows the account gets nothing more', async () => {
    const { login } = await against([
      () => offering('SCRAM-SHA-1'),
      serverFirst,
      () => sasl('success', `v=${toBase64(new Uint8Array(20))}`),
    ]);
    await assert.rejects(login, { code: 'sasl-failed', message: /could not prove/ });
  });

  it('success without a proof is no success', async () => {
    for (const early of [1, 2]) {
      const script = [() => offering('SCRAM-SHA-256'), serverFirst, () => undefined];
      script[early] = () => `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`;
      await assert.rejects((await against(script)).login, { code: 'sasl-failed' });
    }
  });

  it('no mechanism that we know is said so, with what was offered', async () => {
    await assert.rejects((await against([() => offering('GSSAPI', 'DIGEST-MD5')])).login, {
      code: 'sasl-failed',
      message: /GSSAPI, DIGEST-MD5/,
    });
    await assert.rejects((await against([() => streamOpening('')])).login, { code: 'sasl-failed' });
  });

  it('something else than SASL is refused', async () => {
    const { login } = await against([() => offering('PLAIN'), () => `<message/>`]);
    await assert.rejects(login, { code: 'unexpected-element' });
  });

  it('"from" is said only when nobody else can read it (RFC 6120 §4.7.1)', async () => {
    for (const encrypted of [true, false]) {
      const { login, heard } = await against([() => offering()], encrypted);
      await assert.rejects(login);
      assert.equal(heard[0]?.includes(`from='${jid}'`), encrypted);
      assert.ok(heard[0]?.includes(`to='${domain}'`));
    }
  });

  it('a silent server is given up', async () => {
    await assert.rejects((await against([() => undefined], true, 100)).login, { code: 'too-slow' });
  });

  it('a connection that ends is a server that cannot be reached', async () => {
    const [ours, theirs] = duplexPair();
    const login = loginUpstream(new Leg(ours, serverLimits), { jid, password, encrypted: true });
    const rejected = assert.rejects(login, { code: 'server-unreachable' });
    await once(theirs, 'data');
    theirs.end();
    await rejected;
  });
});
