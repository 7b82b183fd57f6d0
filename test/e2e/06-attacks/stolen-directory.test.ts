// A thief has the gateway's database, every byte of it. It holds public values
// only, so it opens nothing (docs/protocol.md §5.4).
import assert from 'node:assert/strict';

import { gatewayKeysOf, parseInvite } from '../../../proxy/invite.ts';
import { needs } from '../../run/needs.ts';
import { AttackerChannel, crypto, entropy, forgeIdentity, registrationOf } from '../support/attacker.ts';
import { GatewaySide, type StolenDirectory } from '../support/gateway-side.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain, inviteVia, worldOfSuite } from '../support/world.ts';

/** Every scalar that could be a private key of one of these public keys, found anywhere in the bytes. */
function privateKeysIn(bytes: Buffer, publicKeys: readonly Uint8Array[]): number {
  const wanted = new Set(publicKeys.map((key) => Buffer.from(key).toString('hex')));
  const tried = new Set<string>();
  let found = 0;
  for (let at = 0; at + 32 <= bytes.length; at++) {
    const window = bytes.subarray(at, at + 32);
    const hex = window.toString('hex');
    if (tried.has(hex)) continue;
    tried.add(hex);
    try {
      const { publicKey } = crypto.p256.privateKey(new Uint8Array(window));
      if (wanted.has(Buffer.from(publicKey.bytes).toString('hex'))) found++;
    } catch {
      continue; // not a scalar of the curve
    }
  }
  return found;
}

describe('06 attacks: a stolen directory', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob] });
  let stolen: StolenDirectory;
  before('alice registers, then the thief comes', async () => {
    await using client = await SlixmppClient.login(world().login(alice));
    assert.ok((await client.ping()) >= 0);
    stolen = await world().gateway.copyDirectory();
  });
  after('the thief goes', () => stolen?.[Symbol.asyncDispose]());

  async function loot() {
    const account = await stolen.store.account(alice.jid);
    const [device] = await stolen.store.devices(alice.jid);
    assert.ok(account !== undefined && device !== undefined);
    return { account, device };
  }

  it('has no private key in it, of alice or of the gateway, at any place', async () => {
    const { account, device } = await loot();
    const gateway = gatewayKeysOf(parseInvite(world().invite).key);
    const keys = [account.accountKey, device.agreementKey, device.signingKey, gateway.agreement, gateway.signing];
    // The control: among the bytes that do hold one, the same search finds it.
    const own = entropy.privateKey(crypto.p256);
    const planted = Buffer.concat([Buffer.from('noise'), own.secret, Buffer.from('noise')]);
    assert.equal(privateKeysIn(planted, [own.publicKey.bytes]), 1);
    const file = await stolen.bytes();
    assert.ok(file.includes(alice.jid) && file.includes(Buffer.from(device.agreementKey)), 'it is the directory');
    assert.equal(privateKeysIn(file, keys), 0);
  });

  it('logs nobody in as alice: not with her device id, her certificate and her list', async () => {
    const { account, device } = await loot();
    const agreement = entropy.privateKey(crypto.p256);
    const krA = entropy.privateKey(crypto.p256);
    const { deviceId, certificate } = device;
    const { listVersion, list: deviceList } = account;
    const asHer = { agreement, idA: alice.jid, stateEpoch: device.epoch };
    const refusals = { code: 'gateway-refused' };
    const { invite } = world();
    const login = { ...asHer, kind: 'login', deviceId, listVersion } as const;
    await assert.rejects(AttackerChannel.open(invite, domain, login), refusals);
    const register = { ...asHer, kind: 'register', krA, deviceList, certificate } as const;
    await assert.rejects(AttackerChannel.open(invite, domain, register), refusals);
  });

  it('has no password that the server takes, and registers nothing without one', async () => {
    const { account, device } = await loot();
    const guesses = [account.accountKey, account.list, device.agreementKey, device.deviceId, device.certificate];
    const identity = await forgeIdentity(alice.jid);
    for (const guess of guesses) {
      await using channel = await AttackerChannel.open(world().invite, domain, registrationOf(identity));
      const password = Buffer.from(guess).toString('base64');
      await assert.rejects(channel.logIn({ jid: alice.jid, password }), { code: 'sasl-failed' });
    }
    await using now = await world().gateway.copyDirectory();
    assert.deepEqual(await now.store.devices(alice.jid), await stolen.store.devices(alice.jid));
    assert.deepEqual(await now.store.account(alice.jid), await stolen.store.account(alice.jid));
  });

  it('makes nobody the gateway: whoever pinned the key refuses and says nothing', async () => {
    const { gateway, prosody } = world();
    await using thief = await GatewaySide.start({ domain, server: prosody });
    await thief.stop();
    await stolen.copyTo(thief.home.path);
    await thief.run();
    await using machine = await ProxySide.create();
    await machine.setUpAccount(alice, '--invite', inviteVia(thief, gateway));
    await machine.run();
    await using client = SlixmppClient.connect(machine.login(alice));
    const error = await client.event('stream-error');
    assert.match(String(error['text']), /has another key .* than the one of the invite/);
    const { handshakes, connections } = await thief.counters();
    assert.deepEqual({ handshakes, connections }, { handshakes: 0, connections: 1 });
  });
});
