// Enrolment over a real pair of ChannelSockets, with the gateway's own state
// machine on the other end: keys change exactly between two records, and
// whatever goes wrong, the channel goes on.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { toHex } from '../../../shared/bytes.ts';
import {
  enrol as enrolMessage,
  enrolRefused,
  identity as identityMessage,
  identityStatuses,
  type Control,
} from '../../../shared/simpp/control.ts';
import type { Claim, GatewayStep } from '../../../shared/simpp/handshake.ts';
import { simpp2 } from '../../../shared/simpp/profile.ts';
import type { ChannelSocket } from '../../../proxy/channel-socket.ts';
import { IdentityKeeper } from '../../../proxy/identity/keeper.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { silentLog } from '../../../proxy/log.ts';
import { enrol, type EnrolDeps } from '../../../proxy/server/enrol.ts';
import { openChannel } from '../../../proxy/server/simpp.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { quickScrypt } from '../identity/quick-scrypt.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { crypto, domain, entropy, ScriptedGateway } from './scripted-gateway.ts';

const jid = `alice@${domain}`;
type Status = (typeof identityStatuses)[number];

/** What the gateway's end of an enrolment does. */
interface Behaviour {
  readonly status?: Status;
  /** Runs before an answer is sent; it is sent once this resolves. */
  readonly before?: (answer: 'Enrol' | 'Identity') => Promise<void> | undefined;
  /** Messages that are refused, counted from 1. */
  readonly refuse?: readonly number[];
  readonly change?: (message: Uint8Array) => Uint8Array;
}

/** Enrols as a gateway: answers M1, checks M3, mixes the keys, says Identity, and writes around all of it. */
function serveEnrolment(gateway: ScriptedGateway, channel: ChannelSocket, behaviour: Behaviour): Claim[] {
  const claims: Claim[] = [];
  let step: GatewayStep | undefined;
  let asked = 0;
  const onEnrol = async (message: Uint8Array): Promise<void> => {
    const wasConfirming = step?.kind === 'send';
    if (!wasConfirming) {
      if (behaviour.refuse?.includes(++asked)) return channel.sendControl(enrolRefused.encode({}));
      step = gateway.begin(new Uint8Array(0), channel.channel.binding);
    }
    assert.ok(step !== undefined && 'next' in step && (step.kind === 'read' || step.kind === 'send'));
    step = step.next(message);
    if (step.kind === 'find-device') step = step.next(gateway.devices.get(toHex(step.agreementKey)));
    switch (step.kind) {
      case 'send': {
        const handshake = behaviour.change?.(step.message) ?? step.message;
        await behaviour.before?.('Enrol');
        channel.sendControl(enrolMessage.encode({ handshake }));
        return;
      }
      case 'established': {
        const { kAS } = step.session;
        channel.channel.mixReceiving(kAS);
        claims.push(step.claim);
        await behaviour.before?.('Identity');
        channel.write('under the old key ');
        const status = identityStatuses.indexOf(behaviour.status ?? 'registered');
        channel.sendControl(identityMessage.encode({ jid, status, listVersion: 1, stateEpoch: 1 }));
        channel.channel.mixSending(kAS);
        channel.write('under the new key');
        return;
      }
      default:
        step = undefined;
        channel.sendControl(enrolRefused.encode({}));
    }
  };
  channel.onControl((control: Control) => {
    if (control.name === 'Enrol') void onEnrol(control.values.handshake);
  });
  return claims;
}

/** Collects text until it has this many characters. */
function hear(channel: ChannelSocket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    // Not by once(): two records of one packet are emitted in one breath.
    const onData = (chunk: Uint8Array): void => {
      heard += String(chunk);
      if (heard.length < length) return;
      channel.off('data', onData);
      resolve(heard);
    };
    channel.on('data', onData);
  });
}

/** Counts what arrives; the function resolves once it was this much. */
function counter(channel: ChannelSocket): (expected: number) => Promise<void> {
  let count = 0;
  channel.on('data', (chunk: Uint8Array) => (count += chunk.length));
  return async (expected) => {
    while (count < expected) await once(channel, 'data');
    assert.equal(count, expected);
  };
}

describe('enrol', () => {
  const folder = temporaryFolder();
  let store: AccountStore;
  let identities: IdentityKeeper;
  beforeEach(() => {
    store = AccountStore.open(join(folder(), 'proxy.db'), keystoreKey(new Uint8Array(randomBytes(32))));
    const now = (): number => Math.floor(Date.now() / 1000);
    identities = new IdentityKeeper({ store, crypto, entropy, now, scrypt: quickScrypt });
  });
  afterEach(() => store.close());

  interface Pair {
    readonly client: ChannelSocket;
    readonly gateway: ChannelSocket;
    readonly claims: Claim[];
    readonly deps: EnrolDeps;
  }

  /** A guest's channel, both ends. */
  async function guestChannel(gateway: ScriptedGateway, behaviour: Behaviour): Promise<Pair> {
    const kuS = crypto.p256.publicKey(gateway.keys.agreement);
    const opened = await openChannel({
      host: '127.0.0.1',
      port: gateway.port,
      domain,
      profile: simpp2,
      crypto,
      pinned: gateway.keys,
      startClient: (offer) =>
        simpp2.startClient({
          crypto,
          entropy,
          kuS,
          domain,
          offer,
          binding: new Uint8Array(0),
          hello: { kind: 'guest', agreement: identities.installationKey() },
        }),
    });
    const { channel } = await gateway.accepted();
    const claims = serveEnrolment(gateway, channel, behaviour);
    opened.socket.on('error', () => {});
    opened.socket.resume();
    const deps = { crypto, entropy, identities, kuS, domain, log: silentLog, timeoutMs: 5000 };
    return { client: opened.socket, gateway: channel, claims, deps };
  }

  /** Proof that both directions still agree on their keys. */
  async function assertAlive({ client, gateway }: Pair): Promise<void> {
    const [up, down] = [hear(gateway, 2), hear(client, 4)];
    client.write('up');
    gateway.write('down');
    assert.equal(await up, 'up');
    assert.ok((await down).endsWith('down'));
  }

  async function know(gateway: ScriptedGateway): Promise<void> {
    const { agreement, deviceId } = await identities.open(jid);
    gateway.devices.set(toHex(agreement.publicKey.bytes), { jid, deviceId });
  }

  it('registers the first time, with data in flight around each change of keys', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, {});
    const heard = hear(pair.client, 'under the old key under the new key'.length);
    const upward = hear(pair.gateway, 'beforeafter'.length);
    pair.client.write('before');
    const enrolling = enrol(pair.client, `${jid}/balcony`, pair.deps);
    assert.equal(await enrolling, 'registered');
    pair.client.write('after');
    assert.equal(await heard, 'under the old key under the new key');
    assert.equal(await upward, 'beforeafter');
    assert.equal(pair.claims[0]?.kind, 'registration');
    assert.equal((await identities.open(jid)).state, 'registered');
    await assertAlive(pair);
  });

  it('is not thrown off by data that is written all the time', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, {});
    const around = 'under the old key under the new key'.length;
    let written = 0;
    const pump = setInterval(() => {
      pair.client.write(new Uint8Array(20_000));
      pair.gateway.write(new Uint8Array(20_000));
      written += 20_000;
    }, 1);
    const [up, down] = [counter(pair.gateway), counter(pair.client)];
    const outcome = await enrol(pair.client, jid, pair.deps);
    clearInterval(pump);
    assert.equal(outcome, 'registered');
    await Promise.all([up(written), down(written + around)]);
    await assertAlive(pair);
  });

  it('logs in when the gateway knows the device', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, { status: 'known' });
    await know(server);
    identities.record(jid, 'registered');
    assert.equal(await enrol(pair.client, jid, pair.deps), 'known');
    assert.equal(pair.claims[0]?.kind, 'login');
    await assertAlive(pair);
  });

  it('a pending device stays pending, and registers again the next time', async () => {
    await using server = await ScriptedGateway.start();
    for (let time = 0; time < 2; time++) {
      const pair = await guestChannel(server, { status: 'pending' });
      assert.equal(await enrol(pair.client, jid, pair.deps), 'pending');
      assert.equal((await identities.open(jid)).state, 'pending');
      assert.equal(pair.claims[0]?.kind, 'registration');
      pair.client.destroy();
    }
  });

  it('registers once when the directory has lost its entry', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, { refuse: [1] });
    await identities.open(jid);
    identities.record(jid, 'registered');
    assert.equal(await enrol(pair.client, jid, pair.deps), 'registered');
    assert.equal(pair.claims[0]?.kind, 'registration');
    await assertAlive(pair);
  });

  it('a refusal lets the login go on, and the next one registers', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, { refuse: [1, 2] });
    await identities.open(jid);
    identities.record(jid, 'registered');
    assert.equal(await enrol(pair.client, jid, pair.deps), 'refused');
    assert.equal((await identities.open(jid)).state, 'none');
    await assertAlive(pair);
  });

  it('an answer that does not verify lets the login go on', async () => {
    await using server = await ScriptedGateway.start();
    const change = (message: Uint8Array): Uint8Array => message.with(message.length - 1, message.at(-1)! ^ 1);
    const pair = await guestChannel(server, { change });
    assert.equal(await enrol(pair.client, jid, pair.deps), 'refused');
    await assertAlive(pair);
  });

  for (const slow of ['Enrol', 'Identity'] as const) {
    it(`does not wait longer than it may for ${slow}, and survives its coming late`, async () => {
      await using server = await ScriptedGateway.start();
      const late = Promise.withResolvers<void>();
      const pair = await guestChannel(server, { before: (answer) => (answer === slow ? late.promise : undefined) });
      await identities.open(jid);
      assert.equal(await enrol(pair.client, jid, { ...pair.deps, timeoutMs: 50 }), 'refused');
      const heard = hear(pair.client, 'under the old key under the new key'.length);
      late.resolve();
      assert.equal(await heard, 'under the old key under the new key');
      assert.equal((await identities.open(jid)).state, 'registered');
      await assertAlive(pair);
    });
  }

  it('a channel that ends is no reason to wait', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, { before: () => new Promise(() => {}) });
    await identities.open(jid);
    const enrolling = enrol(pair.client, jid, pair.deps);
    pair.gateway.destroy();
    assert.equal(await enrolling, 'refused');
  });

  it('an address that is none is not enrolled', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, {});
    assert.equal(await enrol(pair.client, '@', pair.deps), 'refused');
    await assertAlive(pair);
  });

  it('an Identity that nobody asked for changes no key', async () => {
    await using server = await ScriptedGateway.start();
    const pair = await guestChannel(server, { before: () => new Promise(() => {}) });
    await identities.open(jid);
    const enrolling = enrol(pair.client, jid, { ...pair.deps, timeoutMs: 100 });
    pair.gateway.sendControl(identityMessage.encode({ jid, status: 1, listVersion: 1, stateEpoch: 1 }));
    assert.equal(await enrolling, 'refused');
    assert.equal((await identities.open(jid)).state, 'none');
    await assertAlive(pair);
  });
});
