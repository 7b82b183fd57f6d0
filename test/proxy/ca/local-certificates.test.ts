// What clients get over the years: set-ups come and go, certificates end, the
// proxy is started again. Clocks are the test's.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { authoritySeconds, leafSeconds, type PublicAuthority } from '../../../proxy/ca/authority.ts';
import { LocalCertificates } from '../../../proxy/ca/local-certificates.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { holds, stolenBytes } from '../store/others.ts';
import { handshake, type HandshakeClient } from './handshake.ts';

const day = 86_400;

describe('the certificates of the client leg', () => {
  const folder = temporaryFolder();
  const key = keystoreKey(new Uint8Array(randomBytes(32)));
  let store: AccountStore;
  let now: number;
  let published: readonly PublicAuthority[];
  let certificates: LocalCertificates;

  /** A proxy that has just been started. */
  const start = (...domains: readonly string[]): void => {
    certificates = new LocalCertificates({
      store: store.authorities,
      now: () => now,
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      publish: (authorities) => (published = authorities),
    });
    certificates.serve(domains);
  };
  /** The certificate's fingerprint at a client that trusts the published authorities. */
  const seen = async (servername: string, client: Partial<HandshakeClient> = {}): Promise<string> =>
    (await handshake((name) => certificates.contextFor(name), { servername, trusts: published, ...client }))
      .fingerprint256;

  beforeEach(() => {
    now = Math.floor(Date.now() / 1000);
    store = AccountStore.open(join(folder(), 'proxy.db'), key);
  });
  afterEach(() => store.close());

  it('are for every domain of the set-ups, and for this machine', async () => {
    start('example.org', 'bücher.example', 'EXAMPLE.org');
    for (const name of ['example.org', 'xn--bcher-kva.example', 'localhost']) await seen(name);
    await seen('', { host: '127.0.0.1' });
    await seen('', { host: 'example.org' });
    await assert.rejects(seen('example.net'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    assert.deepEqual(
      published.map(({ names }) => names),
      [['example.org', 'xn--bcher-kva.example']],
    );
  });

  it('are refused by a client that does not trust the authority', async () => {
    start('example.org');
    await assert.rejects(seen('example.org', { trusts: [] }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('stay the same while they are valid, after a restart, too, so that clients may pin them', async () => {
    start('example.org');
    const first = await seen('example.org');
    now += (leafSeconds - 40 * day) / 2;
    start('example.org');
    assert.equal(await seen('example.org'), first);
  });

  for (const how of ['that just runs on', 'that is started again'] as const) {
    it(`are renewed in their last month by a proxy ${how}, under the same authority`, async () => {
      // The client's clock is the real one, so the certificate is made in the past: dated back a day, a month left now.
      const present = now;
      now = present - leafSeconds + day + 30 * day + 1;
      start('example.org');
      certificates.contextFor('example.org');
      const before = published;
      now = present;
      const first = await seen('example.org');
      now += 1;
      if (how === 'that is started again') start('example.org');
      assert.notEqual(await seen('example.org'), first);
      assert.deepEqual(
        published.map(({ id }) => id),
        before.map(({ id }) => id),
      );
    });
  }

  it('are made anew when the clock was set back before their first day', async () => {
    start('example.org');
    const first = await seen('example.org');
    now -= 2 * day;
    assert.notEqual(await seen('example.org'), first);
  });

  it('name a domain that is added later, under a new authority for all, and nothing changes for the old one', async () => {
    start('example.org');
    const [first, old] = [await seen('example.org'), published];
    certificates.serve(['example.org', 'example.net']);
    assert.deepEqual(
      published.map(({ names }) => names),
      [['example.org'], ['example.net', 'example.org']],
    );
    assert.equal(await seen('example.org', { trusts: old }), first);
    await assert.rejects(seen('example.net', { trusts: old }));
    await seen('example.net', { trusts: published.slice(1) });
    // Who asks for no name may mean any.
    await seen('', { host: 'example.net' });
    await seen('', { host: 'example.org' });
  });

  it('need no new authority for a domain that is removed, or below one that is there', async () => {
    start('example.org', 'example.net');
    const { length } = published;
    await seen('example.net');
    certificates.serve(['example.org']);
    certificates.serve(['example.org', 'chat.example.net', 'example.net']);
    assert.equal(published.length, length);
    await seen('chat.example.net');
  });

  it('come from a new authority in the last month of the old one', async () => {
    start('example.org');
    const [old] = published;
    now += authoritySeconds - day - 30 * day;
    start('example.org');
    assert.equal(published.length, 1);
    assert.notEqual(published[0]?.id, old?.id);
  });

  it('have keys that are sealed at rest', async () => {
    start('example.org');
    await seen('example.org');
    const [authority] = store.authorities.all();
    const keys = [authority?.privateKey, authority?.leaf?.privateKey].map((bytes) => Buffer.from(bytes ?? []));
    store.close();
    const stolen = stolenBytes(join(folder(), 'proxy.db'));
    for (const bytes of keys) {
      assert.ok(bytes.length > 100);
      // The scalar stands in the middle of the PKCS #8.
      assert.equal(holds(stolen, bytes.subarray(36, 68)), false);
    }
    assert.equal(holds(stolen, Buffer.from(authority?.certificate ?? []).subarray(0, 32)), true);
  });
});
