import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { toBase64 } from '../../../shared/bytes.ts';
import { certificateHash } from '../../../shared/simpp/certificate.ts';
import { simpp2 } from '../../../shared/simpp/profile.ts';
import type { Registration } from '../../../proxy/gateway/directory/directory.ts';
import { helloOf, newDevice, now, type TestDevice } from '../../shared/simpp/exchange.ts';
import { OuterClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const failure = "<failure xmlns='urn:simpp:stream:2'/></stream:stream>";
const handshake = (content: string, suite = ` suite='${simpp2.suite}'`): string =>
  `<handshake xmlns='urn:simpp:stream:2'${suite}>${content}</handshake>`;

function registrationOf(device: TestDevice): Registration {
  return {
    jid: device.jid,
    accountKey: device.krA.publicKey.bytes,
    listVersion: 1,
    listIssued: 1,
    list: device.deviceList,
    certificateNames: [certificateHash(crypto, device.certificate)],
    device: {
      deviceId: device.deviceId,
      agreementKey: device.krDd.publicKey.bytes,
      signingKey: device.krDs.publicKey.bytes,
      certificate: device.certificate,
      certificateName: certificateHash(crypto, device.certificate),
      notAfter: now + 1000,
      epoch: 0,
    },
    at: 1,
  };
}

describe('what a gateway answers to a handshake that fails', () => {
  let server: Server;
  let reached = 0;
  let world: World;
  before(async () => {
    server = createServer(() => reached++).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => void server.close());
  beforeEach(async () => {
    reached = 0;
    const { port } = server.address() as AddressInfo; // of a TCP server
    world = await World.start({ host: '127.0.0.1', port, tls: 'none' });
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
    assert.equal(reached, 0, 'the XMPP server was never reached');
  });

  const open = () => OuterClient.open(world.port);
  /** M1 of a login that the directory does not know. */
  const unknown = (outer: OuterClient) => outer.start(world.key, helloOf.login(newDevice(crypto))).messages[0]!;
  const guest = (outer: OuterClient) => outer.start(world.key, helloOf.guest(newDevice(crypto)));
  /** A guest's handshake up to M3, which is not sent; M3 and M1. */
  const confirmation = async (outer: OuterClient): Promise<[m3: Uint8Array, m1: Uint8Array]> => {
    const first = guest(outer);
    outer.send(outer.element(first.messages[0]!, true));
    const reply = await outer.answer();
    assert.ok(first.kind === 'send' && typeof reply !== 'string');
    return [first.next(reply).messages[0]!, first.messages[0]!];
  };
  const changed = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at < 0 ? copy.length + at : at]! ^= 1;
    return copy;
  };

  const attempts: Record<string, (outer: OuterClient) => string> = {
    'an unknown suite': (outer) => handshake(toBase64(unknown(outer)), " suite='P256_NULL'"),
    'no suite': (outer) => handshake(toBase64(unknown(outer)), ''),
    'no base64': () => handshake('%%%'),
    'base64 that is not canonical': (outer) => handshake(`${toBase64(unknown(outer))}=`),
    'nothing at all': () => handshake(''),
    'a message of another kind': () => handshake(toBase64(new Uint8Array([0x43, 1, 2, 3]))),
    'a truncated message': (outer) => handshake(toBase64(unknown(outer).slice(0, -1))),
    'a message with a byte more': (outer) => handshake(toBase64(new Uint8Array([...unknown(outer), 0]))),
    'a point that is not on the curve': (outer) => handshake(toBase64(changed(unknown(outer), 40))),
    'a point at infinity': (outer) => handshake(toBase64(unknown(outer).fill(0, 1, 66))),
    'a wrong tag': (outer) => handshake(toBase64(changed(unknown(outer), -1))),
    'a changed encapsulation key': (outer) => handshake(toBase64(changed(unknown(outer), 500))),
    'a device that is not known': (outer) => handshake(toBase64(unknown(outer))),
    'a registration for another domain': (outer) => {
      const device = newDevice(crypto, 'alice@other.test');
      return handshake(toBase64(outer.start(world.key, helloOf.register(device)).messages[0]!));
    },
    'a child element': () => handshake('<a/>'),
    'a message that is too large': () => handshake('A'.repeat(9000)),
    'what is not XML': () => '<handshake xmlns="urn:simpp:stream:2" <',
    'a document type': () => '<!DOCTYPE handshake>',
    'a comment': () => '<!-- handshake -->',
    'ten thousand levels': () => '<a>'.repeat(2000),
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    it(`is the same for ${what}`, async () => {
      const outer = await open();
      outer.send(attempt(outer));
      assert.equal(await outer.rest(), failure);
      assert.equal(world.counter('handshakeFailures'), 1);
      assert.equal(await world.directory.countAccounts(), 0);
    });
  }

  it('is the same for a revoked device', async () => {
    const device = newDevice(crypto);
    await world.directory.register(registrationOf(device));
    await world.directory.revoke(device.jid, device.deviceId);
    const outer = await open();
    outer.send(outer.element(outer.start(world.key, helloOf.login(device)).messages[0]!, true));
    assert.equal(await outer.rest(), failure);
    assert.equal(world.logged('handshake failed')?.code, 'gateway-refused');
  });

  it('is the same for a guest where guests are refused', async () => {
    const { port } = server.address() as AddressInfo; // of a TCP server
    await using closed = await World.start({ host: '127.0.0.1', port, tls: 'none' }, { guest: 'refuse' });
    const outer = await OuterClient.open(closed.port);
    outer.send(outer.element(outer.start(closed.key, helloOf.guest(newDevice(crypto))).messages[0]!, true));
    assert.equal(await outer.rest(), failure);
  });

  it('is the same for a wrong M3', async () => {
    const other = await open();
    const [otherM3] = await confirmation(other);
    other.socket.destroy();
    const changes: ((m3: Uint8Array, m1: Uint8Array) => Uint8Array)[] = [
      (m3) => changed(m3, -1),
      (m3) => m3.slice(0, -1),
      (_m3, m1) => m1,
      () => otherM3,
    ];
    for (const change of changes) {
      const outer = await open();
      const [m3, m1] = await confirmation(outer);
      outer.send(outer.element(change(m3, m1), false));
      assert.equal(await outer.rest(), failure);
    }
    for (const element of ['<iq/>', handshake('AAAA')]) {
      const outer = await open();
      await confirmation(outer);
      outer.send(element);
      assert.equal(await outer.rest(), failure);
    }
  });

  it('is the same for a replayed M1: it is answered as the first time, but nothing follows without the key', async () => {
    const device = newDevice(crypto);
    await world.directory.register(registrationOf(device));
    const outer = await open();
    const m1 = outer.start(world.key, helloOf.login(device)).messages[0]!;
    outer.send(outer.element(m1, true));
    assert.equal(typeof (await outer.answer()), 'object');
    outer.socket.destroy();
    const replayed = await open();
    replayed.send(replayed.element(m1, true));
    const m2 = await replayed.answer();
    assert.equal(typeof m2, 'object');
    replayed.send(replayed.element(new Uint8Array([0x43, 0, 16, ...crypto.randomBytes(16)]), false));
    assert.equal(await replayed.rest(), failure);
    assert.equal((await world.directory.deviceByAgreementKey(device.krDd.publicKey.bytes))?.epoch, 0);
    assert.equal(world.gateway.status().connections.simpp, 0);
  });

  it('is the same for bytes injected behind the last message', async () => {
    for (const injected of [header(domain), ' ', '\u0001']) {
      const outer = await open();
      const [m3] = await confirmation(outer);
      outer.send(outer.element(m3, false) + injected);
      assert.equal(await outer.rest(), failure);
      assert.equal(world.logged('handshake failed')?.code, 'injected-bytes');
    }
  });

  it('comes within the time limit to those who are slow', async () => {
    const { port } = server.address() as AddressInfo; // of a TCP server
    await using hasty = await World.start(
      { host: '127.0.0.1', port, tls: 'none' },
      {},
      { timing: { establishMs: 50 } },
    );
    const outer = await OuterClient.open(hasty.port);
    outer.send('<handshake ');
    assert.equal(await outer.rest(), failure);
    assert.equal(hasty.logged('handshake failed')?.code, 'too-slow');
    // Who says nothing at all hears nothing.
    assert.equal(await (await Stranger.connect(hasty.port)).rest(), '');
  });

  it('does not disturb others: channels stand, and handshakes that run succeed', async () => {
    await using world = await World.start({ host: '127.0.0.1', port: 1, tls: 'none' });
    const [before, during] = [await OuterClient.open(world.port), await OuterClient.open(world.port)];
    await before.run(before.start(world.key, helloOf.guest(newDevice(crypto))));
    const half = during.start(world.key, helloOf.guest(newDevice(crypto)));
    during.send(during.element(half.messages[0]!, true));
    for (const attempt of Object.values(attempts)) {
      const bad = await OuterClient.open(world.port);
      bad.send(attempt(bad));
      await bad.rest();
    }
    const reply = await during.answer();
    assert.ok(half.kind === 'send' && typeof reply !== 'string');
    during.send(during.element(half.next(reply).messages[0]!, false));
    assert.match(String(await during.answer()), /^<proceed/);
    assert.equal(before.socket.destroyed, false);
    assert.equal(world.gateway.status().connections.simpp, 2);
    before.socket.destroy();
    during.socket.destroy();
  });
});
