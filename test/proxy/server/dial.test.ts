// dial: which route, with whose keys, and what the gateway's control messages
// leave behind.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { SrvRecord } from 'node:dns';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { concat, toHex } from '../../../shared/bytes.ts';
import { goodbye, goodbyeReasons, identity, identityStatuses } from '../../../shared/simpp/control.ts';
import { IdentityKeeper } from '../../../proxy/identity/keeper.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { silentLog, type Log } from '../../../proxy/log.ts';
import type { Setup } from '../../../proxy/options.ts';
import { dial, type DialDeps, type Dialled } from '../../../proxy/server/dial.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { TestAuthority } from '../../e2e/support/certs.ts';
import { quickScrypt } from '../identity/quick-scrypt.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { crypto, domain, entropy, ScriptedGateway, type Accepted } from './scripted-gateway.ts';

const jid = `alice@${domain}`;
const account = { kind: 'account', jid } as const;

describe('dial', () => {
  const folder = temporaryFolder();
  let store: AccountStore;
  let deps: DialDeps & { readonly identities: IdentityKeeper };
  let warnings: string[];
  beforeEach(() => {
    store = AccountStore.open(join(folder(), 'proxy.db'), keystoreKey(new Uint8Array(randomBytes(32))));
    const now = (): number => Math.floor(Date.now() / 1000);
    warnings = [];
    const log: Log = { ...silentLog, warn: (event) => void warnings.push(event) };
    deps = {
      crypto,
      entropy,
      identities: new IdentityKeeper({ store, crypto, entropy, now, scrypt: quickScrypt }),
      log,
      timeoutMs: 5000,
    };
  });
  afterEach(() => store.close());

  function through(gateway: ScriptedGateway, profile: 'simpp-2' | 'classic' = 'simpp-2'): Setup {
    const { agreement, signing } = gateway.keys;
    const keyBytes = profile === 'classic' ? agreement : concat(agreement, signing);
    const route = { host: '127.0.0.1', port: gateway.port, keyBytes };
    return { kind: 'jid', jid, mode: 'gateway', gateway: route, profile };
  }

  /** The gateway's word on who this device is; resolves when the proxy has heard it. */
  async function identify(dialled: Dialled, { channel }: Accepted, status: (typeof identityStatuses)[number]) {
    const heard = once(dialled.stream, 'control');
    dialled.stream.resume();
    const number = identityStatuses.indexOf(status);
    channel.sendControl(identity.encode({ jid, status: number, listVersion: 1, stateEpoch: 1 }));
    await heard;
  }

  describe('through a gateway', () => {
    it('registers until the gateway has said that it knows the device, then logs in', async () => {
      await using gateway = await ScriptedGateway.start();
      for (const expected of ['registration', 'registration', 'login']) {
        const dialled = await dial(through(gateway), account, deps);
        const accepted = await gateway.accepted();
        assert.equal(accepted.claim.kind, expected);
        assert.equal(dialled.encrypted, true);
        assert.equal(dialled.stream, dialled.channel);
        assert.equal(dialled.enrol, undefined);
        const { agreement, deviceId, state } = await deps.identities.open(jid);
        if (expected === 'registration') {
          // The first time the channel ends before the server has bound anything: nothing is known then.
          if (gateway.devices.size > 0) await identify(dialled, accepted, 'registered');
          gateway.devices.set(toHex(agreement.publicKey.bytes), { jid, deviceId });
        } else assert.equal(state, 'registered');
        dialled.stream.destroy();
      }
      assert.deepEqual(warnings, []);
    });

    it('a pending device is told so, and registers again', async () => {
      await using gateway = await ScriptedGateway.start();
      for (let time = 0; time < 2; time++) {
        const dialled = await dial(through(gateway), account, deps);
        const accepted = await gateway.accepted();
        assert.equal(accepted.claim.kind, 'registration');
        await identify(dialled, accepted, 'pending');
        dialled.stream.destroy();
      }
      assert.equal((await deps.identities.open(jid)).state, 'pending');
      assert.deepEqual(new Set(warnings), new Set(['device waits for approval']));
    });

    it('an Identity for somebody else changes nothing', async () => {
      await using gateway = await ScriptedGateway.start();
      const dialled = await dial(through(gateway), account, deps);
      const { channel } = await gateway.accepted();
      const heard = once(dialled.stream, 'control');
      dialled.stream.resume();
      channel.sendControl(identity.encode({ jid: `bob@${domain}`, status: 1, listVersion: 1, stateEpoch: 1 }));
      await heard;
      assert.equal((await deps.identities.open(jid)).state, 'none');
      dialled.stream.destroy();
    });

    it('registers the same keys once, with a warning, when the directory has lost its entry', async () => {
      await using gateway = await ScriptedGateway.start();
      const before = await deps.identities.open(jid);
      deps.identities.record(jid, 'registered');
      const dialled = await dial(through(gateway), account, deps);
      const { claim } = await gateway.accepted();
      assert.ok(claim.kind === 'registration');
      assert.deepEqual(claim.registration.kuDd, before.agreement.publicKey.bytes);
      assert.deepEqual(claim.registration.kuA, before.krA?.publicKey.bytes);
      assert.equal(gateway.heard.length, 2, 'a new connection');
      assert.equal(warnings.length, 1);
      dialled.stream.destroy();
    });

    it('forgets no registration for a refusal alone, which anybody may have said', async () => {
      const failure = `<failure xmlns='urn:simpp:stream:2'/></stream:stream>`;
      await using gateway = await ScriptedGateway.start({
        say: (text, stage) => (stage === 'handshake' ? failure : text),
      });
      await deps.identities.open(jid);
      deps.identities.record(jid, 'registered');
      await assert.rejects(dial(through(gateway), account, deps), { code: 'gateway-refused' });
      assert.equal(gateway.heard.length, 2);
      assert.equal((await deps.identities.open(jid)).state, 'registered');
    });

    it('lets some time pass before it registers again, so as not to double what a busy gateway has to do', async () => {
      const times: number[] = [];
      await using gateway = await ScriptedGateway.start({
        say: (text, stage) => {
          if (stage === 'opening') times.push(performance.now());
          return text;
        },
      });
      await deps.identities.open(jid);
      deps.identities.record(jid, 'registered');
      (await dial(through(gateway), account, deps)).stream.destroy();
      assert(times[1]! - times[0]! >= 99, `${times[1]! - times[0]!} ms`);
      assert.equal((await deps.identities.open(jid)).state, 'none');
    });

    it('a refused registration is not tried again', async () => {
      await using gateway = await ScriptedGateway.start({
        say: (text, stage, socket) => {
          if (stage === 'handshake') socket.end(`<failure xmlns='urn:simpp:stream:2'/></stream:stream>`);
          return stage === 'handshake' ? undefined : text;
        },
      });
      await assert.rejects(dial(through(gateway), account, deps), { code: 'gateway-refused' });
      assert.equal(gateway.heard.length, 1);
    });

    it('another failure of a login is no reason to register', async () => {
      await using gateway = await ScriptedGateway.start({
        say: (text, stage) => (stage === 'opening' ? `${text}<x/>` : text),
      });
      await deps.identities.open(jid);
      deps.identities.record(jid, 'registered');
      await assert.rejects(dial(through(gateway), account, deps), { code: 'unexpected-element' });
      assert.equal((await deps.identities.open(jid)).state, 'registered');
    });

    it("a guest uses the installation's key and enrols later", async () => {
      await using gateway = await ScriptedGateway.start();
      const setup: Setup = { ...through(gateway), kind: 'domain', domain };
      const dialled = await dial(setup, { kind: 'guest' }, deps);
      assert.equal((await gateway.accepted()).claim.kind, 'guest');
      assert.equal(typeof dialled.enrol, 'function');
      assert.deepEqual(store.names(), []);
      dialled.stream.destroy();
    });

    it('keeps what a Goodbye said', async () => {
      await using gateway = await ScriptedGateway.start();
      for (const [reason, code] of [
        ['server-unreachable', 'server-unreachable'],
        ['jid-mismatch', 'jid-mismatch'],
        ['policy', 'gateway-refused'],
        ['shutdown', 'server-unreachable'],
      ] as const) {
        const dialled = await dial(through(gateway), account, deps);
        assert.equal(dialled.farewell(), undefined);
        const { channel } = await gateway.accepted();
        dialled.stream.resume();
        channel.sendControl(goodbye.encode({ reason: goodbyeReasons.indexOf(reason), text: `because of ${reason}` }));
        channel.end();
        await once(dialled.stream, 'end');
        assert.equal(dialled.farewell()?.code, code);
        assert.equal(dialled.farewell()?.message, `because of ${reason}`);
        dialled.stream.destroy();
      }
    });
  });

  describe('in profile classic', () => {
    it('registers, then logs in, and warns each time', async () => {
      await using gateway = await ScriptedGateway.start({ profile: 'classic' });
      for (let time = 1; time <= 2; time++) {
        const dialled = await dial(through(gateway, 'classic'), account, deps);
        assert.equal((await gateway.accepted()).claim.kind, 'classic');
        assert.equal(warnings.length, time);
        dialled.stream.destroy();
      }
      assert.match(gateway.heard[0] ?? '', /(?:<handshake.*){4}/s);
      assert.equal(gateway.heard[1]?.match(/<handshake/g)?.length, 2);
    });

    it('registers again when the gateway has lost its account', async () => {
      await using gateway = await ScriptedGateway.start({ profile: 'classic' });
      (await dial(through(gateway, 'classic'), account, deps)).stream.destroy();
      gateway.accounts.clear();
      (await dial(through(gateway, 'classic'), account, deps)).stream.destroy();
      assert.ok(gateway.accounts.has(jid));
    });

    it('knows no guests', async () => {
      await using gateway = await ScriptedGateway.start({ profile: 'classic' });
      await assert.rejects(dial(through(gateway, 'classic'), { kind: 'guest' }, deps), { code: 'config-invalid' });
    });
  });

  describe('directly', () => {
    let authority: TestAuthority;
    before(async () => {
      authority = await TestAuthority.create();
    });
    after(() => authority[Symbol.asyncDispose]());

    async function tlsServer(name: string): Promise<AsyncDisposable & { readonly port: number }> {
      const { certFile, keyFile } = await authority.issue([name]);
      const server = createTlsServer({ cert: await readFile(certFile), key: await readFile(keyFile) });
      server.on('tlsClientError', () => {});
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        port: (server.address() as AddressInfo).port, // as: a TCP server's address
        async [Symbol.asyncDispose]() {
          server.close();
          await once(server, 'close');
        },
      };
    }
    const record = (port: number, priority: number): SrvRecord => ({ name: 'localhost', port, priority, weight: 0 });
    const setup = (): Setup => ({ kind: 'jid', jid, mode: 'direct', tls: 'starttls', caFile: authority.caFile });

    it("to the set-up's server, without asking DNS", async () => {
      await using server = await tlsServer(domain);
      const lookup = () => assert.fail('no look-up is needed');
      const fixed = { ...setup(), server: { host: '127.0.0.1', port: server.port }, tls: 'direct' } as const;
      const dialled = await dial(fixed, account, { ...deps, lookup });
      assert.equal(dialled.encrypted, true);
      assert.equal(dialled.channel, undefined);
      dialled.stream.destroy();
    });

    it('to the next SRV target when one cannot be reached or is another server', async () => {
      await using wrong = await tlsServer('other.test');
      await using right = await tlsServer(domain);
      const lookup = (name: string) =>
        Promise.resolve(name.startsWith('_xmpps-') ? [record(1, 0), record(wrong.port, 1), record(right.port, 2)] : []);
      (await dial(setup(), account, { ...deps, lookup })).stream.destroy();
    });

    it('to the next SRV target when one does not answer, and to no more than six', async () => {
      await using silent = await (async () => {
        const server = createTcpServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
        await once(server, 'listening');
        return Object.assign(server, { port: (server.address() as AddressInfo).port }); // as: a TCP server's address
      })();
      await using right = await tlsServer(domain);
      const after = (count: number) => (name: string) =>
        Promise.resolve(
          name.startsWith('_xmpps-')
            ? [...Array.from({ length: count }, (_, at) => record(silent.port, at)), record(right.port, count)]
            : [],
        );
      const quick = { ...deps, timeoutMs: 150 };
      (await dial(setup(), account, { ...quick, lookup: after(1) })).stream.destroy();
      await assert.rejects(dial(setup(), account, { ...quick, lookup: after(6) }), { code: 'server-unreachable' });
    });

    it('tells of the wrong certificate rather than of the port that is closed', async () => {
      await using wrong = await tlsServer('other.test');
      const lookup = (name: string) =>
        Promise.resolve(name.startsWith('_xmpps-') ? [record(wrong.port, 0), record(1, 1)] : []);
      await assert.rejects(dial(setup(), account, { ...deps, lookup }), { code: 'certificate-invalid' });
    });
  });
});
