// What crossed the wire once is sent again: every answer is the constant one, or
// what a stranger gets anyway, and nothing happens (docs/protocol.md §4.6, §5).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { needs } from '../../run/needs.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { RawClient } from '../support/raw-client.ts';
import { cutHandshake, Recorder } from '../support/recorded-stream.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, inviteVia, worldOfSuite } from '../support/world.ts';

const constantAnswer = "<failure xmlns='urn:simpp:stream:2'/></stream:stream>";

describe('06 attacks: replays', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob] });
  let up: ReturnType<typeof cutHandshake>;
  let down: ReturnType<typeof cutHandshake>;
  before('records a registration, then a login by S1', async () => {
    const { wire, login } = world();
    const recorder = new Recorder(wire);
    for (const text of ['the first time', 'the second time']) {
      await using client = await SlixmppClient.login(login(alice));
      client.say(alice.jid, text);
      await client.hear(text);
    }
    up = cutHandshake(recorder.bytes('up', 1));
    down = cutHandshake(recorder.bytes('down', 1));
    assert.deepEqual([up.handshakes.length, down.handshakes.length], [2, 1]);
    assert.ok(up.rest.length > 1000, 'records were recorded too');
  });

  async function sideEffects() {
    const { registrations, logins, guests } = await world().gateway.counters();
    await using directory = await world().gateway.copyDirectory();
    const device = (await directory.store.devices(alice.jid))[0];
    return { registrations, logins, guests, epoch: device?.epoch };
  }

  it('of S1 and S3, one after the other, end with the constant answer', async () => {
    const before = await sideEffects();
    const [first = Buffer.alloc(0), third = Buffer.alloc(0)] = up.handshakes;
    await using client = await RawClient.connect(world().gateway);
    client.write(up.header);
    await client.hear('</stream:features>');
    client.write(first);
    const answered = await client.hear('</handshake>');
    const fresh = cutHandshake(Buffer.from(answered)).handshakes[0];
    assert.notDeepEqual(fresh, down.handshakes[0], 'the gateway answers with fresh values');
    client.write(third);
    const heard = await client.untilClosed();
    assert.equal(heard.slice(answered.length), constantAnswer);
    assert.deepEqual(await sideEffects(), before);
  });

  it('of all bytes at once, or byte by byte, end with the constant answer', async () => {
    const before = await sideEffects();
    const everything = Buffer.concat([up.header, ...up.handshakes, up.rest]);
    for (const pieces of [[everything], Array.from(everything.subarray(0, 4000), (byte) => Buffer.from([byte]))]) {
      await using client = await RawClient.connect(world().gateway);
      for (const piece of pieces) client.write(piece);
      client.end();
      const heard = await client.untilClosed();
      assert.ok(heard.endsWith(constantAnswer), heard);
      assert.equal(heard.includes('<proceed'), false);
    }
    assert.deepEqual(await sideEffects(), before);
  });

  it('and a wrong, a short and an empty M1 all get the same bytes', async () => {
    const [first = Buffer.alloc(0)] = up.handshakes;
    const open = first.subarray(0, first.indexOf('>') + 1);
    const body = first.subarray(open.length, first.length - '</handshake>'.length);
    const bodies = {
      changed: Buffer.from(body.toString('latin1').replace(/[A-M]/, 'N')),
      short: body.subarray(0, 400),
      empty: Buffer.alloc(0),
      notBase64: Buffer.from('%%%%'),
    };
    for (const wrong of Object.values(bodies)) {
      await using client = await RawClient.connect(world().gateway);
      client.write(up.header);
      const offered = await client.hear('</stream:features>');
      client.write(Buffer.concat([open, wrong, Buffer.from('</handshake>')]));
      assert.equal((await client.untilClosed()).slice(offered.length), constantAnswer);
    }
  });

  it("of a gateway's side do not make a gateway: the client is told, and says no more", async () => {
    const { gateway } = world();
    const heard: Buffer[] = [];
    const puppet = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(down.header);
      socket.on('data', (chunk) => {
        heard.push(chunk);
        if (Buffer.concat(heard).includes('</handshake>')) socket.write(Buffer.concat(down.handshakes));
      });
    }).listen(0, '127.0.0.1');
    await once(puppet, 'listening');
    const address = puppet.address();
    assert.ok(address !== null && typeof address === 'object');
    await using machine = await ProxySide.create();
    await machine.setUpAccount(bob, '--invite', inviteVia({ host: '127.0.0.1', port: address.port }, gateway));
    await machine.run();
    await using client = SlixmppClient.connect(machine.login(bob));
    const error = await client.event('stream-error');
    assert.match(String(error['text']), /handshake with the gateway .* failed/);
    assert.match(String(error['text']), /Nothing weaker is tried/);
    const said = cutHandshake(Buffer.concat(heard));
    assert.deepEqual([said.handshakes.length, said.rest.length], [1, 0]);
    assert.doesNotMatch(said.header.toString('latin1'), /bob|from=/);
    puppet.close();
  });
});
