// New options for a gateway that runs: they count for what comes, and what
// stands is left alone.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { SimppError } from '../../../shared/errors.ts';
import type { GatewayOptions } from '../../../proxy/gateway/options.ts';
import { parseNetwork } from '../../../proxy/gateway/proxy-protocol/networks.ts';
import { TestAuthority } from '../../e2e/support/certs.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { SimppClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const nowhere = { host: '127.0.0.1', port: 1, tls: 'none' } as const;
const options: GatewayOptions = {
  domains: [domain],
  listen: [],
  server: nowhere,
  plainClients: 'splice',
  guest: 'allow',
  profile: 'simpp-2',
  databaseFile: '',
  limits: { maxConnections: 100, maxStanzaBytes: 262_144 },
};

async function heard(world: World, bytes: string): Promise<string> {
  const stranger = await Stranger.connect(world.port);
  stranger.send(bytes);
  return stranger.rest();
}

describe('options that a running gateway takes', () => {
  it('count for new connections: domains, guests, limits, balancers', async () => {
    await using world = await World.start(nowhere);
    const guest = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
    world.gateway.reload({ ...options, domains: ['other.test'] });
    assert.match(await heard(world, header(domain)), /<host-unknown /);
    world.gateway.reload({ ...options, guest: 'refuse' });
    await assert.rejects(SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto))), /<failure/);
    world.gateway.reload({ ...options, limits: { maxConnections: 1, maxStanzaBytes: 262_144 } });
    assert.match(await heard(world, header(domain)), /<resource-constraint /);
    world.gateway.reload({ ...options, acceptProxyProtocol: [parseNetwork('127.0.0.1')!] });
    assert.equal(await heard(world, header(domain)), '');
    assert.equal(world.gateway.status().connections.simpp, 1, 'the first one stands');
    guest.stream.destroy();
  });

  it('leave addresses and profile as they are', async () => {
    await using world = await World.start(nowhere);
    world.gateway.reload({ ...options, profile: 'classic', listen: [{ host: '127.0.0.1', port: 1 }] });
    assert.match(await heard(world, `${header(domain)}<iq/>`), /urn:simpp:stream:2/);
  });

  describe('with a certificate', () => {
    needs('openssl');
    let authority: TestAuthority;
    let folder: string;
    before(async () => {
      authority = await TestAuthority.create();
      folder = await mkdtemp(join(tmpdir(), 'simpp-reload-'));
    });
    after(async () => {
      await authority?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    async function secure(world: World): Promise<TLSSocket> {
      const secured = connectTls({ port: world.port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(secured, 'secureConnect');
      return secured;
    }
    const names = (socket: TLSSocket): string => socket.getPeerCertificate().subjectaltname ?? '';

    it('read its files again, and keep the old ones while the new ones are of no use', async () => {
      const [certFile, keyFile] = [join(folder, 'own.crt'), join(folder, 'own.key')];
      const install = async (name: string): Promise<void> => {
        const issued = await authority.issue([name]);
        await writeFile(certFile, await readFile(issued.certFile));
        await writeFile(keyFile, await readFile(issued.keyFile));
      };
      await install('first.test');
      const tls = { certFile, keyFile };
      await using world = await World.start(nowhere, { tls });
      const before = await secure(world);
      assert.match(names(before), /first\.test/);
      await install('second.test');
      world.gateway.reload({ ...options, tls });
      const after = await secure(world);
      assert.match(names(after), /second\.test/);
      await writeFile(certFile, 'not a certificate');
      assert.throws(
        () => world.gateway.reload({ ...options, tls, domains: ['other.test'] }),
        (error) => error instanceof SimppError && error.code === 'config-invalid' && error.message.includes(certFile),
      );
      const kept = await secure(world);
      assert.match(names(kept), /second\.test/);
      assert.match(await heard(world, header('other.test')), /<host-unknown /, 'nothing else was taken either');
      assert.equal(before.destroyed, false);
      for (const socket of [before, after, kept]) socket.destroy();
    });

    it('are not taken with an authority that is none', async () => {
      await using world = await World.start(nowhere);
      const empty = join(folder, 'empty.pem');
      await writeFile(empty, 'not a certificate');
      for (const caFile of [join(folder, 'missing.pem'), empty]) {
        assert.throws(
          () => world.gateway.reload({ ...options, server: { ...nowhere, tls: 'starttls', caFile } }),
          (error) => error instanceof SimppError && error.code === 'config-invalid' && error.message.includes(caFile),
        );
      }
      world.gateway.reload({ ...options, server: { ...nowhere, tls: 'starttls', caFile: authority.caFile } });
    });
  });
});
