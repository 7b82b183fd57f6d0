import assert from 'node:assert/strict';
import { toHex } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { SimppError } from '../../../shared/errors.ts';
import { Channel } from '../../../shared/simpp/channel.ts';
import { certificateHash, signDeviceList } from '../../../shared/simpp/certificate.ts';
import type { KnownDevice } from '../../../shared/simpp/handshake.ts';
import { exchange, helloOf, jid, newDevice, now, type Options, type TestDevice } from './exchange.ts';

const krS = crypto.p256.generate();

const listing =
  (...devices: readonly TestDevice[]) =>
  (agreementKey: Uint8Array): KnownDevice | undefined =>
    devices.find(({ krDd }) => toHex(krDd.publicKey.bytes) === toHex(agreementKey));

function established(options: Options) {
  const outcome = exchange(options);
  assert(outcome.kind === 'established');
  return outcome;
}

/** Whether A or S refuses; anything but a SimppError is a bug and comes through. */
function fails(options: Options): boolean {
  try {
    return exchange(options).kind === 'refused by S';
  } catch (error) {
    assert(error instanceof SimppError, String(error));
    return true;
  }
}

describe('the handshake of simpp-2 (docs/protocol.md §5)', () => {
  for (const kind of ['guest', 'login', 'register'] as const) {
    it(`gives both sides of a ${kind} the same K_AS, transcript and records`, () => {
      const device = newDevice();
      const { client, gateway } = established({ krS, hello: helloOf[kind](device), find: listing(device) });
      assert.deepEqual(client.kAS, gateway.kAS);
      assert.deepEqual(client.binding, gateway.binding);
      const a = new Channel(client, 'client');
      const s = new Channel(gateway, 'gateway');
      s.push(a.sealData(Uint8Array.of(1)));
      a.push(s.sealData(Uint8Array.of(2)));
      assert.deepEqual(s.next(), { kind: 'data', bytes: Uint8Array.of(1) });
      assert.deepEqual(a.next(), { kind: 'data', bytes: Uint8Array.of(2) });
    });

    it(`gives each ${kind} other keys`, () => {
      const device = newDevice();
      const run = () => toHex(established({ krS, hello: helloOf[kind](device), find: listing(device) }).client.kAS);
      assert.notEqual(run(), run());
    });
  }

  it('tells S who logged in: JID, device, state epoch', () => {
    const device = newDevice();
    const { claim } = established({ krS, hello: helloOf.login(device), find: listing(device) });
    const kuDd = device.krDd.publicKey.bytes;
    assert.deepEqual(claim, { kind: 'login', jid, deviceId: device.deviceId, kuDd, stateEpoch: 1 });
  });

  it('tells S which keys are proved: those of devices that may log in, after their message 1 has verified', () => {
    const proved: string[] = [];
    const gateway = { deviceProved: (key: Uint8Array) => void proved.push(toHex(key)) };
    const device = newDevice();
    const hello = helloOf.login(device);
    exchange({ krS, hello, gateway });
    exchange({ krS, hello: helloOf.guest(device), find: listing(device), gateway });
    exchange({ krS, hello: helloOf.register(device), gateway });
    const spoilt = (message: Uint8Array, which: string) => {
      const copy = message.slice();
      if (which === 'M1') copy[copy.length - 1]! ^= 1;
      return copy;
    };
    assert(fails({ krS, hello, find: listing(device), gateway, wire: spoilt }));
    assert.deepEqual(proved, []);
    exchange({ krS, hello, find: listing(device), gateway });
    assert.deepEqual(proved, [toHex(device.krDd.publicKey.bytes)]);
  });

  it('hands S a registration as KR_A signed it', () => {
    const device = newDevice();
    const { claim } = established({ krS, hello: helloOf.register(device) });
    assert(claim.kind === 'registration');
    assert.deepEqual(claim.registration.kuA, device.krA.publicKey.bytes);
    assert.deepEqual(claim.registration.deviceId, device.deviceId);
    assert.deepEqual(claim.registration.kuDd, device.krDd.publicKey.bytes);
    assert.equal(claim.registration.listVersion, 1);
    const name = certificateHash(crypto, device.certificate);
    assert.deepEqual(claim.registration.certificateName, name);
    assert.deepEqual(claim.registration.certificateNames, [name]);
    assert.equal(claim.registration.notAfter, now + 1000);
  });

  it('refuses a login whose device is not listed, and one that is listed for another JID or id', () => {
    const device = newDevice();
    const hello = helloOf.login(device);
    const refused = { kind: 'refused by S' } as const;
    assert.deepEqual(exchange({ krS, hello }), refused);
    const { deviceId } = device;
    assert.deepEqual(exchange({ krS, hello, find: () => ({ jid: 'bob@example.test', deviceId }) }), refused);
    assert.deepEqual(exchange({ krS, hello, find: () => ({ jid, deviceId: new Uint8Array(16) }) }), refused);
  });

  it('refuses guests where policy says so', () => {
    const outcome = exchange({ krS, hello: helloOf.guest(newDevice()), gateway: { allowGuests: false } });
    assert.deepEqual(outcome, { kind: 'refused by S' });
  });

  it('fails when S has another key than the pinned one', () => {
    const device = newDevice();
    const options = { krS, pinned: crypto.p256.generate(), hello: helloOf.login(device), find: listing(device) };
    assert.throws(() => exchange(options), { code: 'handshake-failed' });
  });

  it('fails when the offer, the domain or the binding differ between the sides', () => {
    const device = newDevice();
    const options = { krS, hello: helloOf.guest(device) };
    assert.throws(() => exchange({ ...options, gateway: { offer: new Uint8Array(3) } }), { code: 'handshake-failed' });
    assert.throws(() => exchange({ ...options, gateway: { domain: 'example.org' } }), { code: 'handshake-failed' });
    assert.throws(() => exchange({ ...options, clientBinding: new Uint8Array(32) }), { code: 'handshake-failed' });
  });

  it('fails for every flipped bit position of every message, at one side or the other', () => {
    const device = newDevice();
    for (const which of ['M1', 'M2', 'M3'] as const) {
      for (let probe = 0; probe < 24; probe++) {
        const wire: Options['wire'] = (message, name) => {
          if (name !== which) return message;
          const at = Math.floor((message.length * probe) / 24);
          return message.with(at, message[at]! ^ (1 << (probe % 8)));
        };
        assert(fails({ krS, hello: helloOf.login(device), find: listing(device), wire }), `${which}, probe ${probe}`);
      }
    }
  });

  it('gives a replayed M1 no session: S3 depends on the fresh R_S and ephemeral', () => {
    const device = newDevice();
    let recorded: Uint8Array | undefined;
    const hello = helloOf.login(device);
    established({
      krS,
      hello,
      find: listing(device),
      wire: (message, which) => {
        if (which === 'M1') recorded = message;
        return message;
      },
    });
    const replay = {
      krS,
      hello,
      find: listing(device),
      wire: (m: Uint8Array, w: string) => (w === 'M1' ? recorded! : m),
    };
    assert.throws(() => exchange(replay), { code: 'handshake-failed' });
  });
});

describe('a registration (docs/protocol.md §5.4)', () => {
  const refused = (device: TestDevice, gateway: Options['gateway'] = {}) =>
    assert.throws(() => exchange({ krS, hello: helloOf.register(device), gateway }), { code: 'handshake-failed' });

  it('is refused for an ID of another domain', () => {
    refused(newDevice(crypto, 'alice@example.org'));
  });

  it('is refused when the certificate is for another ID than ID_A', () => {
    refused({ ...newDevice(crypto, 'mallory@example.test'), jid });
  });

  it('is refused when the certified agreement key is not the one of the handshake', () => {
    refused({ ...newDevice(), krDd: crypto.p256.generate() });
  });

  it('is refused when another account key signed the certificate', () => {
    const { certificate } = newDevice();
    refused({ ...newDevice(), certificate });
  });

  it('is refused when the list does not name the certificate', () => {
    const device = newDevice();
    const other = newDevice(crypto, jid, device.krA);
    refused({ ...device, deviceList: other.deviceList });
  });

  it('is refused outside the dates, give or take 48 hours', () => {
    const device = newDevice();
    refused(device, { now: () => now + 1000 + 48 * 3600 + 1 });
    refused(device, { now: () => now - 10 - 48 * 3600 - 1 });
    assert.equal(
      exchange({ krS, hello: helloOf.register(device), gateway: { now: () => now + 1000 + 48 * 3600 } }).kind,
      'established',
    );
  });

  it('is refused without KR_A: R3 by another key', () => {
    const device = newDevice();
    const hello = helloOf.register(device);
    assert(hello.kind === 'register');
    // The public half is the victim's, the signature the attacker's.
    const forged = { secret: crypto.p256.generate().secret, publicKey: device.krA.publicKey };
    assert.deepEqual(exchange({ krS, hello: { ...hello, krA: forged } }), { kind: 'refused by S' });
  });

  it('takes a list of several devices', () => {
    const device = newDevice();
    const other = newDevice(crypto, jid, device.krA);
    const deviceList = signDeviceList(crypto, device.krA, {
      jid,
      kuA: device.krA.publicKey.bytes,
      version: 2,
      issued: now,
      certificates: [device, other].map(({ certificate }) => certificateHash(crypto, certificate)),
    });
    const { claim } = established({ krS, hello: helloOf.register({ ...device, deviceList }) });
    assert(claim.kind === 'registration' && claim.registration.listVersion === 2);
  });
});
