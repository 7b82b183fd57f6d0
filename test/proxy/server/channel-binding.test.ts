// The bytes that name a TLS channel, compared with what the other end of the
// same channel has, and with what OpenSSL says about certificates.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { channelBinding, type BindingChoice } from '../../../proxy/server/channel-binding.ts';
import type { StreamFeatures } from '../../../shared/xmpp/features.ts';
import { needs } from '../../run/needs.ts';
import { temporaryFolder } from '../keystore/folder.ts';

const run = promisify(execFile);

function offering(channelBindings: readonly string[], mechanisms = ['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS']) {
  const nothing = { starttls: 'none', simpp: [], bind: false, streamManagement: [] } as const;
  return { ...nothing, mechanisms, channelBindings, legacyAuth: false, registration: false } satisfies StreamFeatures;
}

describe('channelBinding', () => {
  needs('openssl');
  const folder = temporaryFolder();
  let made = 0;

  async function certificate(...options: readonly string[]): Promise<{ readonly cert: string; readonly key: string }> {
    const base = join(folder(), String(++made));
    const files = ['-keyout', `${base}.key`, '-out', `${base}.crt`];
    await run('openssl', ['req', '-x509', '-nodes', '-subj', '/CN=x', ...options, ...files]);
    return { cert: `${base}.crt`, key: `${base}.key` };
  }
  const usual = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha256'];

  /** Both ends of a TLS connection. */
  async function connected(
    files: { readonly cert: string; readonly key: string },
    version: SecureVersion,
  ): Promise<AsyncDisposable & { readonly client: TLSSocket; readonly server: TLSSocket }> {
    const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
    const old = 'DEFAULT:@SECLEVEL=0';
    const listener = createServer({ cert, key, maxVersion: version, ciphers: old }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo; // as: a TCP server's address
    const accepted = once(listener, 'secureConnection');
    const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ciphers: old });
    const [[server]] = (await Promise.all([accepted, once(client, 'secureConnect')])) as [[TLSSocket], unknown]; // as: the event's argument
    return {
      client,
      server,
      async [Symbol.asyncDispose]() {
        client.destroy();
        listener.close();
        await once(listener, 'close');
      },
    };
  }

  const bound = (choice: BindingChoice): readonly [string, string] | string =>
    choice.kind === 'bound' ? [choice.binding.type, Buffer.from(choice.binding.data).toString('hex')] : choice.kind;

  it('over TLS 1.3 is tls-exporter, which the server computes too (RFC 9266)', async () => {
    await using both = await connected(await certificate(...usual), 'TLSv1.3');
    const expected = both.server.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)).toString('hex');
    const choice = channelBinding(both.client, offering(['tls-unique', 'tls-server-end-point', 'tls-exporter']));
    assert.deepEqual(bound(choice), ['tls-exporter', expected]);
  });

  it('over TLS 1.2 is tls-unique, the Finished that the server received (RFC 5929 §3.1)', async () => {
    await using both = await connected(await certificate(...usual), 'TLSv1.2');
    const expected = both.server.getPeerFinished()?.toString('hex');
    const choice = channelBinding(both.client, offering(['tls-unique', 'tls-server-end-point', 'tls-exporter']));
    assert.deepEqual(bound(choice), ['tls-unique', expected]);
  });

  it('is tls-unique where the server lists nothing, the default of RFC 5802 §6.1', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      await using both = await connected(await certificate(...usual), version);
      const expected = both.server.getPeerFinished()?.toString('hex');
      assert.deepEqual(bound(channelBinding(both.client, offering([]))), ['tls-unique', expected]);
    }
  });

  it('is never tls-unique over TLS 1.3 or tls-exporter over TLS 1.2 where the server lists it', async () => {
    for (const [version, type] of [
      ['TLSv1.3', 'tls-unique'],
      ['TLSv1.2', 'tls-exporter'],
    ] as const) {
      await using both = await connected(await certificate(...usual), version);
      assert.equal(bound(channelBinding(both.client, offering([type]))), 'no-common-type');
    }
  });

  const rsa = ['-newkey', 'rsa:2048'];
  const signatures = {
    'RSA with MD5': [[...rsa, '-md5'], 'sha256'],
    'RSA with SHA-1': [[...rsa, '-sha1'], 'sha256'],
    'RSA with SHA-384': [[...rsa, '-sha384'], 'sha384'],
    'RSA with SHA-512': [[...rsa, '-sha512'], 'sha512'],
    'ECDSA with SHA-1': [[...usual.slice(0, 4), '-sha1'], 'sha256'],
    'ECDSA with SHA-256': [usual, 'sha256'],
    'ECDSA with SHA-384': [[...usual.slice(0, 4), '-sha384'], 'sha384'],
  } as const;
  for (const [name, [options, hash]] of Object.entries(signatures)) {
    it(`of a certificate signed by ${name}, tls-server-end-point is its ${hash} (RFC 5929 §4.1)`, async () => {
      const files = await certificate(...options);
      const { stdout } = await run('openssl', ['x509', '-in', files.cert, '-noout', '-fingerprint', `-${hash}`]);
      const expected = stdout.split('=')[1]?.trim().replaceAll(':', '').toLowerCase();
      await using both = await connected(files, 'TLSv1.3');
      const choice = channelBinding(both.client, offering(['tls-server-end-point']));
      assert.deepEqual(bound(choice), ['tls-server-end-point', expected]);
    });
  }

  it('is none where a signature has no hash of its own', async () => {
    await using both = await connected(await certificate('-newkey', 'ed25519'), 'TLSv1.3');
    assert.equal(bound(channelBinding(both.client, offering(['tls-server-end-point']))), 'no-common-type');
  });

  it('was not offered without -PLUS, whatever is listed', async () => {
    await using both = await connected(await certificate(...usual), 'TLSv1.3');
    assert.equal(bound(channelBinding(both.client, offering(['tls-exporter'], ['SCRAM-SHA-1']))), 'not-offered');
  });

  it('is impossible without TLS of our own', () => {
    const [stream] = duplexPair();
    assert.equal(bound(channelBinding(stream, offering(['tls-exporter']))), 'impossible');
  });
});
