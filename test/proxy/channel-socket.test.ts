import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ChannelSocket } from '../../proxy/channel-socket.ts';
import { gather, inTurn } from '../../proxy/turn.ts';
import { concat, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { Channel } from '../../shared/simpp/channel.ts';
import type { Session } from '../../shared/simpp/handshake.ts';
import type { Protection } from '../../shared/simpp/protection.ts';
import { recordsPerKey } from '../../shared/simpp/records.ts';

/** Protects nothing, and has no key after the first, like a classic channel's. */
const onlyOneKey: Protection = {
  sealedLength: (plaintextBytes) => plaintextBytes,
  seal: (_counter, _header, plaintext) => plaintext,
  open: (_counter, _header, sealed) => sealed,
  rekeyed() {
    throw new SimppError('record-forged', 'there is no next key');
  },
  mixed: () => onlyOneKey,
};
const session: Session = {
  kAS: new Uint8Array(16),
  binding: new Uint8Array(0),
  client: onlyOneKey,
  gateway: onlyOneKey,
};

describe('the stream of a channel', () => {
  let near: Socket;
  let far: Socket;

  beforeEach(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const taken = once(server, 'connection') as Promise<[Socket]>;
    near = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [far] = await taken;
    server.close();
  });
  afterEach(() => {
    near.destroy();
    far.destroy();
  });

  it('carries bytes both ways and ends with a close record', async () => {
    const a = new ChannelSocket(near, new Channel(session, 'client'));
    const s = new ChannelSocket(far, new Channel(session, 'gateway'));
    a.end('hello');
    const heard = await s.setEncoding('utf8').toArray();
    assert.equal(heard.join(''), 'hello');
    s.end();
    assert.deepEqual(await a.toArray(), []);
  });

  it('handles records that came together in one turn, so that what they give leaves as one', async () => {
    const a = new ChannelSocket(near, new Channel(session, 'client'));
    const gateway = new Channel(session, 'gateway');
    const { promise: left, resolve } = Promise.withResolvers<string>();
    const onward = new Duplex({
      read: () => undefined,
      write: (chunk) => resolve(String(chunk)),
      writev: (chunks) => resolve(chunks.map(({ chunk }) => String(chunk)).join('')),
    });
    // As a leg does it.
    a.on('data', (data: Uint8Array) =>
      inTurn(() => {
        gather(onward);
        onward.write(data);
      }),
    );
    far.write(concat(gateway.sealData(utf8('one')), gateway.sealData(utf8(' and two'))));
    assert.equal(await left, 'one and two');
  });

  it('says that it was cut when the connection ends without a close record', async () => {
    const a = new ChannelSocket(near, new Channel(session, 'client'));
    far.end();
    a.resume();
    const [error] = (await once(a, 'error').catch((thrown: unknown) => [thrown])) as [SimppError];
    assert.equal(error.code, 'channel-truncated');
  });

  for (const [what, write] of [
    ['data', (socket: ChannelSocket) => socket.write('one too many')],
    ['a control message', (socket: ChannelSocket) => socket.sendControl(Uint8Array.of(1))],
    ['the close', (socket: ChannelSocket) => socket.end()],
  ] as const) {
    it(`ends with an error, and nothing worse, when no key is left for ${what}`, async () => {
      const channel = new Channel(session, 'client');
      for (let record = 0; record < recordsPerKey; record++) channel.sealData(new Uint8Array(0));
      const socket = new ChannelSocket(near, channel);
      const ended = once(socket, 'error') as Promise<[SimppError]>;
      write(socket);
      const [error] = await ended;
      assert.match(error.message, /no next key/);
    });
  }
});
