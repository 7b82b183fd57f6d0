import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { decodeOneOf } from '../../../shared/codec/message.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import { Channel } from '../../../shared/simpp/channel.ts';
import {
  changed,
  entry,
  entryDevice,
  fetch,
  oneTimeKeys,
  publish,
  published,
  type Control,
} from '../../../shared/simpp/control.ts';
import { gcmProtection } from '../../../shared/simpp/protection.ts';
import { ChannelSocket } from '../../../proxy/channel-socket.ts';
import { GatewayDirectory } from '../../../proxy/endtoend/gateway-directory.ts';
import { publishMessages } from '../../../proxy/endtoend/publish-messages.ts';

const nothing = new Uint8Array(0);
const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const jid = 'bob@example.test';

describe("the gateway's directory as a proxy sees it", () => {
  let server: Server;
  const sockets: Socket[] = [];
  let directory: GatewayDirectory;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    directory = new GatewayDirectory({ domains: ['example.test'], timeoutMs: 60_000 });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  /** Both ends of a channel, on a real connection. */
  const channel = async (): Promise<{ proxy: ChannelSocket; gateway: ChannelSocket; heard: Control[] }> => {
    const address = server.address();
    const socket = connect(typeof address === 'object' ? address!.port : 0, '127.0.0.1');
    const [other] = (await once(server, 'connection')) as [Socket];
    sockets.push(socket, other);
    const [a, b] = [bytes(32), bytes(32)];
    const session = () => ({
      kAS: bytes(32),
      binding: nothing,
      client: gcmProtection(nobleCrypto, a),
      gateway: gcmProtection(nobleCrypto, b),
    });
    const proxy = new ChannelSocket(socket, new Channel(session(), 'client'));
    const gateway = new ChannelSocket(other, new Channel(session(), 'gateway'));
    for (const each of [proxy, gateway]) each.on('error', () => undefined).resume();
    const heard: Control[] = [];
    gateway.onControl((control) => heard.push(control));
    return { proxy, gateway, heard };
  };
  const unknown = (request: number) =>
    entry.encode({ request, outcome: 1, kuA: nothing, list: nothing, rollover: nothing, devices: 0 });
  const answerAll = (gateway: ChannelSocket, answer: (control: Control) => Uint8Array | undefined) =>
    gateway.onControl((control) => {
      const encoded = answer(control);
      if (encoded !== undefined) gateway.sendControl(encoded);
    });

  it('answers that there is no connection, without one, and never rejects', async () => {
    assert.equal((await directory.fetch(jid, true)).kind, 'failed');
  });

  it('fails what is not answered in time, and what its channel takes with it', async () => {
    const { proxy, gateway } = await channel();
    const hasty = new GatewayDirectory({ domains: ['example.test'], timeoutMs: 5 });
    hasty.attach(proxy);
    assert.deepEqual(await hasty.fetch(jid, true), { kind: 'failed', reason: 'The gateway did not answer in time.' });
    directory.attach(proxy);
    const asked = directory.fetch(jid, true);
    await once(gateway, 'control');
    gateway.destroy();
    assert.deepEqual(await asked, { kind: 'failed', reason: 'The connection to the gateway was lost.' });
  });

  it('asks over the newest channel, and over the one before when that one has gone', async () => {
    const [first, second] = [await channel(), await channel()];
    for (const { proxy, gateway } of [first, second]) {
      directory.attach(proxy);
      answerAll(gateway, (control) => (control.name === 'Fetch' ? unknown(control.values.request) : undefined));
    }
    assert.deepEqual(await directory.fetch(jid, true), { kind: 'none' });
    assert.deepEqual([first.heard.length, second.heard.length], [0, 1]);
    const closed = new Promise((resolve) => second.proxy.once('close', resolve));
    second.gateway.destroy();
    await closed;
    assert.deepEqual(await directory.fetch(jid, true), { kind: 'none' });
    assert.equal(first.heard.length, 1);
  });

  it('lets few questions be on their way at once, and answers all', async () => {
    const { proxy, gateway } = await channel();
    directory.attach(proxy);
    let most = 0;
    const open: number[] = [];
    gateway.onControl((control) => {
      if (control.name !== 'Fetch') return;
      open.push(control.values.request);
      most = Math.max(most, open.length);
      setImmediate(() => gateway.sendControl(unknown(open.shift()!)));
    });
    const answers = await Promise.all(Array.from({ length: 200 }, () => directory.fetch(jid, false)));
    assert.ok(answers.every(({ kind }) => kind === 'none'));
    assert.ok(most <= 16, `${most} at once`);
  });

  it('takes no answer that was not asked for, from another channel, or with more devices than announced', async () => {
    const [first, second] = [await channel(), await channel()];
    directory.attach(second.proxy);
    directory.attach(first.proxy);
    const asked = directory.fetch(jid, true);
    const [control] = (await once(first.gateway, 'control')) as [Control];
    assert.equal(control.name, 'Fetch');
    const { request } = control.values as { request: number };
    const device = (certificate: Uint8Array) =>
      entryDevice.encode({
        request,
        status: 0,
        deviceId: bytes(16),
        certificate,
        prekey: nothing,
        oneTime: nothing,
        tombstone: nothing,
      });
    second.gateway.sendControl(unknown(request));
    const seen = once(second.proxy, 'control');
    await seen;
    first.gateway.sendControl(device(bytes(9))); // before its Entry
    first.gateway.sendControl(unknown(request + 100));
    const kuA = bytes(65);
    first.gateway.sendControl(
      entry.encode({ request, outcome: 0, kuA, list: bytes(7), rollover: nothing, devices: 1 }),
    );
    const certificate = bytes(8);
    first.gateway.sendControl(device(certificate));
    first.gateway.sendControl(device(bytes(10)));
    const found = await asked;
    assert.ok(found.kind === 'bundle');
    assert.deepEqual(
      found.bundle.devices.map((each) => each.certificate),
      [certificate],
    );
  });

  it('publishes in a channel only what the gateway has not taken there, until the entry changes', async () => {
    const { proxy, gateway, heard } = await channel();
    directory.attach(proxy);
    answerAll(gateway, ({ name, values }) =>
      name === 'Publish' || name === 'OneTimeKeys'
        ? published.encode({ request: values.request, outcome: 0, listVersion: 1, oneTimeKeysLeft: 7 })
        : undefined,
    );
    const whole = {
      kuA: bytes(65),
      list: bytes(90),
      certificates: [bytes(80)],
      deviceId: bytes(16),
      prekey: bytes(99),
    };
    assert.deepEqual(await directory.publish(whole), { kind: 'taken', oneTimeKeysLeft: 7 });
    assert.deepEqual(await directory.publish(whole), { kind: 'taken', oneTimeKeysLeft: undefined });
    await directory.publish({ ...whole, oneTimeKeys: Array.from({ length: 40 }, () => bytes(70)) });
    assert.deepEqual(
      heard.map(({ name }) => name),
      ['Publish', 'OneTimeKeys', 'OneTimeKeys'],
    );
    const told = Promise.withResolvers<string>();
    directory.onChanged(told.resolve);
    gateway.sendControl(changed.encode({ jid }));
    assert.equal(await told.promise, jid);
    await directory.publish(whole);
    assert.equal(heard.at(-1)?.name, 'Publish');
    assert.deepEqual(await directory.publish({ ...whole, waiting: bytes(80) }), { kind: 'taken' });
    assert.equal(heard.length, 4);
  });
});

describe('a publication in messages', () => {
  it('fits a record each, certificates first and the list last, also with the longest address', () => {
    for (const certificateBytes of [250, 2300, 4096]) {
      const certificates = Array.from({ length: 32 }, () => bytes(certificateBytes));
      const [list, prekey, rollover, tombstone] = [bytes(4096), bytes(4096), bytes(4096), bytes(3000)];
      const messages = publishMessages({ list: { list, certificates }, prekey, rollover, tombstone });
      const all: Uint8Array[] = [];
      for (const [at, encode] of messages.entries()) {
        const encoded = encode(2 ** 53 - 1);
        assert.ok(encoded.length + 2 <= 16_384);
        const { values } = decodeOneOf([publish, oneTimeKeys, fetch], encoded) as {
          values: Parameters<typeof publish.encode>[0];
        };
        all.push(...values.certificates);
        assert.equal(values.list.length > 0, at === messages.length - 1);
      }
      assert.deepEqual(all, certificates);
    }
    assert.deepEqual(publishMessages({}), []);
  });
});
