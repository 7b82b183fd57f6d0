// What becomes of a person's devices later, and what a contact who has verified
// them sees of it: a new one, one that is removed, and a new account key.
import assert from 'node:assert/strict';

import { showContact, verifyContact } from '../../../proxy/control/end-to-end-methods.ts';
import { needs } from '../../run/needs.ts';
import { pairOfSuite } from '../31-encrypted/pair.ts';
import { eventually } from '../support/eventually.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { simppJson } from '../support/simpp.ts';
import { alice, bob } from '../support/world.ts';
import { atMachine } from './machine-desk.ts';
import { PersonClient } from './person-client.ts';

describe('35 devices: what changes later', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const pair = pairOfSuite({ way: 'gateway', people: [[alice], [alice], [bob], [bob]] });
  const enter = (machine: number, who: typeof alice): Promise<PersonClient> =>
    PersonClient.login(pair().login(machine, who));
  const letIn = async (first: PersonClient, second: PersonClient): Promise<void> => {
    await first.asks(`approve ${await second.ownCode()}`, /The device is approved/);
    await second.asks('devices', /in use · this one/);
  };
  const trustAt = async (machine: number): Promise<string> =>
    (await atMachine(pair().proxies[machine]!, showContact, { account: bob.jid, jid: alice.jid })).trust;

  it("a verification on one device reaches the person's other ones (XEP-0450)", async () => {
    await using alices = await enter(0, alice);
    await using first = await enter(2, bob);
    await using second = await enter(3, bob);
    await letIn(first, second);
    first.say(alice.jid, 'a heron by the mill');
    await alices.hears('a heron by the mill');
    await atMachine(pair().proxies[2]!, verifyContact, { account: bob.jid, jid: alice.jid });
    assert.equal(await trustAt(2), 'verified');
    await eventually('the other device hears of it', async () => (await trustAt(3)) === 'verified');
  });

  it('nothing is sent to a verified contact with a new device before that is decided, and the chat says so', async () => {
    await using bobs = await enter(2, bob);
    await using first = await enter(0, alice);
    await using second = await enter(1, alice);
    await letIn(first, second);
    await eventually('the new device is known', async () => {
      const { devices } = await atMachine(pair().proxies[2]!, showContact, { account: bob.jid, jid: alice.jid });
      return devices.some(({ state }) => state === 'new');
    });
    bobs.client.say(alice.jid, 'nobody hears of the osprey', { id: 'osprey' });
    assert.match(await bobs.isRefused('osprey'), /new device/);
    await bobs.isTold(/has a new device/);
    await bobs.asks(`trust ${alice.jid} accept`, /Taken/);
    bobs.say(alice.jid, 'a linnet in the hedge');
    await Promise.all([first.hears('a linnet in the hedge'), second.hears('a linnet in the hedge')]);
    assert.ok(!second.hasSeen('osprey'));
  });

  it('a removed device is told, and reads nothing any more', async () => {
    await using bobs = await enter(2, bob);
    await using first = await enter(0, alice);
    await using second = await enter(1, alice);
    const list = await first.asks('devices', /in use[^]*in use/);
    const [, id = ''] = /^([0-9a-f]{8}) · in use(?! · this one)/m.exec(list) ?? [];
    await first.asks(`remove ${id}`, /The device is removed/);
    await second.client.event('stream-error');
    await eventually('the contact hears of it', async () => {
      const { devices } = await atMachine(pair().proxies[2]!, showContact, { account: bob.jid, jid: alice.jid });
      return devices.some((device) => device.id.startsWith(id) && device.state === 'removed');
    });
    bobs.say(alice.jid, 'a wigeon on the lake');
    await first.hears('a wigeon on the lake');
    assert.ok(!second.hasSeen('wigeon'));
  });

  it('a new account key that the operator has let in waits for every contact’s decision', async () => {
    await simppJson(pair().gateway!.home, 'gateway', 'reset', alice.jid, '--now');
    await using bobs = await enter(2, bob);
    await using machine = await ProxySide.create({ e2e: 'prefer' });
    await machine.setUpAccount(alice, ...pair().flags);
    await machine.run();
    await using anew = await PersonClient.login(machine.login(alice));
    await anew.asks('devices', /in use · this one/);
    await eventually('the new key is known', async () => (await trustAt(2)) === 'changed');
    bobs.client.say(alice.jid, 'nobody hears of the smew', { id: 'smew' });
    assert.match(await bobs.isRefused('smew'), /another key than before/);
    await bobs.isTold(/has another key than before/);
    await bobs.asks(`trust ${alice.jid} accept`, /Taken/);
    bobs.say(alice.jid, 'a teal among the reeds');
    await anew.hears('a teal among the reeds');
    assert.ok(!anew.hasSeen('smew'));
  });
});
