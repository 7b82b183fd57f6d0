// People who are somebody, but not whom they claim to be, and a gateway that is
// not the one of the invite (docs/protocol.md §4.7, §5.4, §6).
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { AttackerChannel, forgeIdentity, registrationOf } from '../support/attacker.ts';
import { eventually } from '../support/eventually.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { Recorder } from '../support/recorded-stream.ts';
import { refusedProfanity } from '../support/refused-profanity.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, mallory, worldOfSuite } from '../support/world.ts';

describe('06 attacks: impostors', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob] });

  it("registers nothing for somebody else's ID: the channel closes, unbound", async () => {
    const { gateway, invite } = world();
    const identity = await forgeIdentity(carol.jid);
    await using channel = await AttackerChannel.open(invite, domain, registrationOf(identity));
    await channel.logIn(mallory);
    const heard = await channel.bind(mallory);
    assert.equal(heard.includes('<jid>'), false, 'the bind result is not delivered');
    const goodbye = channel.controls.find(({ name }) => name === 'Goodbye');
    assert.deepEqual(goodbye?.values, {
      reason: 1,
      text: 'The server bound another address than the channel was opened for.',
    });
    await using directory = await gateway.copyDirectory();
    assert.equal(await directory.store.account(carol.jid), undefined);
    assert.equal(await directory.store.account(mallory.jid), undefined);
    assert.equal((await gateway.counters())['jidMismatches'], 1);
  });

  it('stores nothing that no login confirmed', async () => {
    const { gateway, invite } = world();
    const identity = await forgeIdentity(carol.jid);
    {
      await using channel = await AttackerChannel.open(invite, domain, registrationOf(identity));
      await assert.rejects(channel.logIn({ ...carol, password: 'guessed' }), { code: 'sasl-failed' });
    }
    await using directory = await gateway.copyDirectory();
    assert.equal(await directory.store.account(carol.jid), undefined);
  });

  it('leaves a second device with the right password pending: it may log in, no more', async () => {
    const { gateway, invite, login } = world();
    await using first = await SlixmppClient.login(login(alice));
    await using machine = await ProxySide.create();
    await machine.setUpAccount(alice, '--invite', invite);
    await machine.run();
    await using second = await SlixmppClient.login(machine.login(alice));
    second.say(alice.jid, 'hello from the other machine');
    await first.hear('hello from the other machine');
    await eventually('the warning', () => machine.role.log.includes('device waits for approval'));

    await using directory = await gateway.copyDirectory();
    const devices = await directory.store.devices(alice.jid);
    assert.deepEqual(
      devices.map(({ status }) => status),
      ['listed', 'pending'],
    );
    // Still pending at its next login, and the first device is what it was.
    await machine.restart();
    await using again = await SlixmppClient.login(machine.login(alice));
    assert.ok((await again.ping()) >= 0);
    await using later = await gateway.copyDirectory();
    const now = (await later.store.devices(alice.jid)).map(({ status }) => status);
    assert.deepEqual(now, ['listed', 'pending']);
    assert.deepEqual(await later.store.account(alice.jid), await directory.store.account(alice.jid));
  });

  it('leaves a guest pending whose JID is enrolled elsewhere, and lets the login go on', async () => {
    const { gateway, invite, login } = world();
    {
      await using first = await SlixmppClient.login(login(bob));
      assert.ok((await first.ping()) >= 0);
    }
    await using machine = await ProxySide.create();
    await machine.setUpDomain(domain, '--invite', invite);
    await machine.run();
    await using guest = await SlixmppClient.login(machine.login(bob));
    assert.ok((await guest.ping()) >= 0);
    const statuses = await eventually('the enrolment', async () => {
      await using directory = await gateway.copyDirectory();
      const devices = await directory.store.devices(bob.jid);
      return devices.length === 2 && devices.map(({ status }) => status);
    });
    assert.deepEqual(statuses, ['listed', 'pending']);
  });

  it('refuses a gateway with another key: the client is told, no credential leaves, nothing weaker is tried', async () => {
    const { gateway, wire, login } = world();
    await gateway.restartWith({ flags: ['--force'] });
    const recorder = new Recorder(wire);
    const before = wire.connections;
    await using client = SlixmppClient.connect(login(alice));
    const error = await client.event('stream-error');
    assert.equal(error['condition'], 'remote-connection-failed');
    assert.match(String(error['text']), /has another key .* No name or password was sent\./);
    await client.event('disconnected');
    const attempts = wire.connections - before;
    for (let nth = 0; nth < attempts; nth++) {
      const said = recorder.bytes('up', nth).toString('latin1');
      assert.match(said, /^<\?xml [^>]*\?><stream:stream [^>]*to='example\.test'[^>]*>$/);
      assert.doesNotMatch(said, / from=/);
    }
    assert.equal(attempts, 1);
    assert.match(await refusedProfanity(login(bob)), /has another key .* No name or password was sent\./);
    const { handshakes, spliced } = await gateway.counters();
    assert.deepEqual({ handshakes, spliced }, { handshakes: 0, spliced: 0 });
  });
});
