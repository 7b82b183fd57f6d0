// One set-up for a whole domain: the proxy keeps no password, SASL is the
// client's and the server's own affair, and the channel, opened as a guest's,
// is enrolled when the server has said who it is (docs/protocol.md §6.2).
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import type { GatewaySide } from '../support/gateway-side.ts';
import { Profanity } from '../support/profanity.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, worldOfSuite } from '../support/world.ts';

describe('02 gateway, set-up of a domain', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  const world = worldOfSuite({
    setUp: ['domain'],
    server: { registration: true },
    gateway: ['--registration', 'allow'],
  });

  it('lets slixmpp and profanity talk both ways', async () => {
    await using first = await SlixmppClient.login(world().login(alice));
    await using second = await Profanity.login(world().login(bob));
    first.say(bob.jid, 'the heron stands in the reeds');
    await second.hear(alice.jid, 'the heron stands in the reeds');
    await second.say(alice.jid, 'und der Fisch weiß es');
    assert.equal((await first.hear('und der Fisch weiß es')).from, `${bob.jid}/profanity`);
    assert.ok((await first.ping()) >= 0);
  });

  it('relays SCRAM, so that no password ever came to the proxy, and enrols both', async () => {
    const { gateway, proxy, speech } = world();
    assert.match(speech.captured('up').toString('latin1'), /mechanism="?'?SCRAM-SHA-1/);
    assert.deepEqual(overheard(speech.captured(), [alice.password, bob.password]), []);
    const { logins = 0, sessions } = await proxy.counters();
    assert.deepEqual({ logins, sessions }, { logins: 0, sessions: 2 });
    // On a busy machine an enrolment outlives the 2 s for which a login waits for it.
    const counters = await eventually('two enrolments', async () => {
      const now = await gateway.counters();
      return now['enrolments'] === 2 && now;
    });
    assert.deepEqual([counters['guests'], counters['enrolmentFailures'], counters['registrations']], [2, 0, 0]);
    await using stolen = await gateway.copyDirectory();
    assert.equal(await stolen.store.countAccounts(), 2);
    for (const { jid } of [alice, bob]) {
      const statuses = (await stolen.store.devices(jid)).map(({ status }) => status);
      assert.deepEqual(statuses, ['listed']);
    }
  });

  it('shows an eavesdropper neither words nor names nor passwords', () => {
    const { speech, wire } = world();
    const words = ['heron', 'reeds', 'Fisch', 'weiß', 'alice', 'bob@', 'SCRAM', 'profanity'];
    assert.deepEqual(overheard(speech.captured(), words), words);
    assert.deepEqual(overheard(wire.captured(), [...words, alice.password, bob.password]), []);
  });

  it('is known at the second login, after both have restarted', async () => {
    const { gateway, proxy, login } = world();
    await proxy.stop();
    await gateway.restart();
    await proxy.run();
    await using again = await SlixmppClient.login(login(alice));
    assert.ok((await again.ping()) >= 0);
    await eventually('the enrolment', async () => (await gateway.counters())['enrolments'] === 1);
    await eventually('its end', () => /"state":"known"[^\n]*"event":"enrolment over"/.test(proxy.role.log));
    await using stolen = await gateway.copyDirectory();
    assert.equal((await stolen.store.devices(alice.jid)).length, 1);
  });

  it('passes on that the server refused a password, and the right one on the same stream', async () => {
    const { login } = world();
    await using wrong = SlixmppClient.connect({ ...login(carol), password: 'guessed' });
    const failure = await wrong.event('sasl-failure');
    assert.equal(failure['condition'], 'not-authorized');
    await using right = await SlixmppClient.login(login(carol));
    assert.ok((await right.ping()) >= 0);
  });

  it('never enrols who only registers an account, but does so at the first login', async () => {
    const { gateway, login } = world();
    const dave = { jid: `dave@${domain}`, password: 'paper-boats' };
    {
      await using client = await RawClient.connect(login(dave));
      client.write(header(domain));
      await client.hear('</stream:features>');
      client.write(
        `<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>dave</username>` +
          `<password>${dave.password}</password></query></iq>`,
      );
      await client.hear(/<iq[^>]*type=['"]result['"]/);
      await using stolen = await gateway.copyDirectory();
      assert.equal(await stolen.store.account(dave.jid), undefined);
    }
    await using client = await SlixmppClient.login(login(dave));
    assert.ok((await client.ping()) >= 0);
    await eventually('the enrolment of dave', async () => {
      await using stolen = await gateway.copyDirectory();
      return (await stolen.store.account(dave.jid)) !== undefined;
    });
  });

  it('never enrols an anonymous login, which works all the same', async () => {
    const { gateway, prosody, login } = world();
    await using nameless = await Prosody.start({ domain, authentication: 'anonymous' });
    await gateway.restartWith({ server: nameless });
    const before = await countAccounts(gateway);
    await using client = await SlixmppClient.login(login({ jid: domain, password: '' }));
    assert.ok((await client.ping()) >= 0);
    const { guests, enrolments } = await gateway.counters();
    assert.deepEqual({ guests, enrolments }, { guests: 1, enrolments: 0 });
    assert.equal(await countAccounts(gateway), before);
    await gateway.restartWith({ server: prosody });
  });

  it('is refused by a gateway that takes no guests, in words that the client shows', async () => {
    const { gateway, login } = world();
    await gateway.restartWith({ flags: ['--guest', 'refuse'] });
    await using client = SlixmppClient.connect(login(alice));
    const error = await client.event('stream-error');
    assert.match(String(error['text']), /refused this device for example\.test/);
  });
});

async function countAccounts(gateway: GatewaySide): Promise<number> {
  await using stolen = await gateway.copyDirectory();
  return await stolen.store.countAccounts();
}
