// The launcher itself: what the suites rely on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

import { needs } from '../../run/needs.ts';
import { TestAuthority } from './certs.ts';
import { Ejabberd } from './ejabberd.ts';
import { header, RawClient } from './raw-client.ts';
import { logInRaw } from './raw-session.ts';

const accounts = [{ name: 'alice', password: 'correct "horse" ü' }];
const login = (server: Ejabberd) => ({
  host: server.host,
  port: server.port,
  jid: 'alice@example.test',
  password: accounts[0]?.password ?? '',
});

describe('ejabberd for the tests', function () {
  needs('ejabberd', 'openssl');
  this.timeout(60_000);

  it('takes logins in clear, keeps its accounts over a stop and a crash, and comes back on the same port', async () => {
    await using server = await Ejabberd.start({ accounts });
    const { port } = server;
    for (const end of ['stop', 'kill'] as const) {
      await using client = await logInRaw(login(server));
      await server[end]();
      const heard = await client.untilClosed();
      assert.equal(heard.includes('<system-shutdown'), end === 'stop');
      await server.start();
      assert.equal(server.port, port);
    }
    await using client = await logInRaw(login(server));
    assert.match(client.text, /<jid>alice@example\.test\//);
  });

  it('offers STARTTLS on one port, direct TLS on another, and channel binding with plain passwords', async () => {
    await using authority = await TestAuthority.create();
    const certificate = await authority.issue(['example.test']);
    const tls = 'starttls-required';
    await using server = await Ejabberd.start({ accounts, certificate, tls, authentication: 'internal_plain' });
    const options = { servername: 'example.test', ca: await readFile(authority.caFile) };
    await using upgraded = await RawClient.connectStarttls(server, 'example.test', options);
    await using direct = await RawClient.connectTls({ host: server.host, port: server.directTlsPort }, options);
    for (const client of [upgraded, direct]) {
      client.write(header('example.test'));
      await client.hear('SCRAM-SHA-512-PLUS');
    }
  });

  it('offers XEP-0077, XEP-0078, ANONYMOUS and a choice of mechanisms', async () => {
    await using plain = await Ejabberd.start({ mechanisms: ['PLAIN'], registration: true, legacyAuth: true });
    await using first = await RawClient.connect(plain);
    first.write(header('example.test'));
    const features = await first.hear('</stream:features>');
    assert.deepEqual(features.match(/<mechanism>[^<]*/g), ['<mechanism>PLAIN']);
    assert.match(features, /iq-register/);
    assert.match(features, /iq-auth/);
    await using anonymous = await Ejabberd.start({ authentication: 'anonymous' });
    await using second = await RawClient.connect(anonymous);
    second.write(header('example.test'));
    assert.deepEqual((await second.hear('</stream:features>')).match(/<mechanism>[^<]*/g), ['<mechanism>ANONYMOUS']);
  });

  it('says why it does not start, and goes to another port when its own was taken meanwhile', async () => {
    await assert.rejects(Ejabberd.start({ extraModules: ['mod_that_is_not_there'] }), /mod_that_is_not_there/);
    await using server = await Ejabberd.start();
    const { port } = server;
    await server.stop();
    const squatter = createServer().listen(port, server.host);
    await once(squatter, 'listening');
    await server.start();
    squatter.close();
    assert.notEqual(server.port, port);
  });
});
