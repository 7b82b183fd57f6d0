import assert from 'node:assert/strict';
import { fromUtf8, toBase64 } from '../../../shared/bytes.ts';
import { gatewayFingerprint } from '../../../shared/simpp/fingerprint.ts';
import { helloOf, newDevice, now } from '../../shared/simpp/exchange.ts';
import { certificateHash, signDeviceList } from '../../../shared/simpp/certificate.ts';
import { maxPlaintextBytes } from '../../../proxy/gateway/part-reader.ts';
import { OuterClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const nowhere = { host: '127.0.0.1', port: 1, tls: 'none' } as const;

async function answerTo(world: World, bytes: string): Promise<string> {
  const stranger = await Stranger.connect(world.port);
  stranger.send(bytes);
  return stranger.rest();
}

describe('the outer stream of a gateway', () => {
  it('offers SIMPP with the fingerprint of its key, and STARTTLS where it can serve it', async () => {
    await using world = await World.start({ ...nowhere, tls: 'starttls' });
    assert.ok(world.key.profile === 'simpp-2');
    const { agreement, signing } = world.key;
    const keys = { agreement: agreement.publicKey.bytes, signing: signing.publicKey.bytes };
    const stranger = await Stranger.connect(world.port);
    stranger.send(header(domain));
    const heard = await stranger.hear('</stream:features>');
    assert.match(
      heard,
      /^<\?xml version="1\.0"\?><stream:stream [^>]*from='example\.test' id='[0-9a-f]{32}' version='1\.0'>/,
    );
    const offer =
      "<simpp xmlns='urn:simpp:stream:2'><suite>P256+MLKEM768_AESGCM_SHA256</suite>" +
      `<fingerprint>${toBase64(gatewayFingerprint(crypto, keys))}</fingerprint></simpp>`;
    const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
    assert.ok(heard.endsWith(`<stream:features>${starttls}${offer}</stream:features>`));
    const outer = await OuterClient.open(world.port);
    assert.equal(fromUtf8(outer.offer), offer);
    outer.socket.destroy();
    stranger.stream.destroy();
  });

  it('offers SIMPP alone where clients without it are refused, and tells them why', async () => {
    for (const world of [
      await World.start({ ...nowhere, tls: 'starttls' }, { plainClients: 'refuse' }),
      await World.start(nowhere),
    ]) {
      await using _ = world;
      for (const element of ["<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", '<auth/>', "<iq type='get'/>"]) {
        const heard = await answerTo(world, header(domain) + element);
        assert.doesNotMatch(heard, /xmpp-tls/);
        assert.match(heard, /<policy-violation [^>]*\/><text [^>]*>This server accepts SIMPP only/);
        assert.match(heard, /<\/stream:stream>$/);
      }
      // A TLS handshake cannot be answered in words.
      assert.equal(await answerTo(world, '\u0016\u0003\u0001'), '');
    }
  });

  it('refuses domains that it does not serve, and streams that do not say which', async () => {
    await using world = await World.start(nowhere, { domains: [domain, 'example.org'] });
    assert.match(await answerTo(world, header('example.com')), /<host-unknown /);
    assert.match(await answerTo(world, header('-bad-.')), /<improper-addressing /);
    assert.match(await answerTo(world, header()), /<improper-addressing /);
    await using only = await World.start(nowhere);
    const stranger = await Stranger.connect(only.port);
    stranger.send(header());
    assert.match(await stranger.hear('</stream:features>'), /from='example\.test'/);
    stranger.stream.destroy();
  });

  it('answers what is no stream with a stream error', async () => {
    await using world = await World.start(nowhere);
    assert.match(await answerTo(world, 'GET / HTTP/1.1\r\n\r\n'), /<stream:stream .*<not-well-formed /);
    assert.match(await answerTo(world, '<a xmlns="jabber:client">'), /<invalid-namespace /);
    assert.match(await answerTo(world, `<stream:stream a='${'x'.repeat(5000)}'`), /<policy-violation /);
  });

  it('closes a stream that closes', async () => {
    await using world = await World.start(nowhere);
    assert.match(await answerTo(world, `${header(domain)}</stream:stream>`), /<\/stream:features><\/stream:stream>$/);
  });

  it('has room for the registration of a JID of 255 characters with 32 devices', async () => {
    await using world = await World.start(nowhere);
    const device = newDevice(crypto, `${'a'.repeat(242)}@${domain}`);
    const { jid, krA, certificate } = device;
    const certificates = [certificateHash(crypto, certificate)];
    while (certificates.length < 32) certificates.push(crypto.randomBytes(32));
    const list = { jid, kuA: krA.publicKey.bytes, version: 1, issued: now, certificates };
    const outer = await OuterClient.open(world.port);
    const hello = helloOf.register({ ...device, deviceList: signDeviceList(crypto, krA, list) });
    const element = outer.element(outer.start(world.key, hello).messages[0]!, true);
    assert.ok(element.length < maxPlaintextBytes - 1500, `M1 takes ${element.length} bytes`);
    outer.send(element);
    assert.equal(typeof (await outer.answer()), 'object');
    outer.socket.destroy();
  });

  it('refuses connections beyond its limit politely, and takes new ones when others end', async () => {
    await using world = await World.start(nowhere, { limits: { maxConnections: 1, maxStanzaBytes: 262_144 } });
    const first = await Stranger.connect(world.port);
    first.send(header(domain));
    await first.hear('</stream:features>');
    const refused = await Stranger.connect(world.port);
    assert.match(await refused.rest(), /<resource-constraint .*<\/stream:stream>$/);
    refused.stream.end();
    first.send('</stream:stream>');
    await first.rest();
    first.stream.end();
    while (world.gateway.status().connections.opening > 0) await new Promise(setImmediate);
    const next = await Stranger.connect(world.port);
    next.send(header(domain));
    await next.hear('</stream:features>');
    next.stream.destroy();
  });

  it('refuses a network that connects too often', async () => {
    const connections = { capacity: 2, refillPerSecond: 0, maxKeys: 10 };
    await using world = await World.start(nowhere, {}, { throttle: { connections, loopback: true } });
    for (const expected of [/features/, /features/, /<policy-violation .*Too many attempts/]) {
      assert.match(await answerTo(world, `${header(domain)}</stream:stream>`), expected);
    }
    assert.equal(world.counter('refusedConnections'), 1);
  });
});
