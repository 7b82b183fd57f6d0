// Somebody who makes another one work (docs/protocol.md §9.2, §9.7, §11.5):
// sessions begun in a loop, messages that never open, lists without end. What is
// kept and what is answered stay bounded, and everybody else goes on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Found, RawBundle } from '../../../../proxy/endtoend/directory.ts';
import { maxSessions } from '../../../../proxy/endtoend/session-book.ts';
import { PublishingPerson } from '../publishing-person.ts';
import { flipped, withC6, withHeaders, withWraps, wrapsOf } from './bend.ts';
import type { Machine } from './machine.ts';
import { alice, bob, bodies, goesOn, partyOfTest, passed, say } from './party.ts';

const minuteMs = 60_000;
const found = (bundle: RawBundle): Found => ({ kind: 'bundle', bundle, waiting: [] });

describe('somebody who makes others work', () => {
  const party = partyOfTest();
  let a: Machine;
  let b: Machine;
  beforeEach(async () => {
    a = await party().open(alice);
    b = await party().open(bob);
    await goesOn(a, b);
  });
  const wireOf = async (words: string): Promise<string> => passed(alice, await a.write(bob, words));

  it('begins sessions in a loop: five live at once, and nothing is answered', async () => {
    for (let time = 0; time < 12; time++) {
      // Alice forgets keys and sessions, and begins anew.
      await a.person.desk.decide(bob, 'reset');
      assert.equal((await say(a, b, `again ${time}`)).shown, `again ${time}`);
      assert.ok(b.store.sessions.live(alice).length <= maxSessions);
    }
    assert.deepEqual(b.sent, []);
    await goesOn(b, a);
  });

  it('sends what does not open, again and again: one answer in ten minutes, and no new session but that', async () => {
    const before = b.store.sessions.live(alice).length;
    for (let time = 0; time < 30; time++) {
      const wire = await wireOf(`message ${time}`);
      const bent =
        time % 2 === 0
          ? withHeaders(wire, ({ salt }) => ({ salt: flipped(salt, 1) }))
          : withWraps(wire, ({ sessionId }) => ({ sessionId: flipped(sessionId, 1), c3: new Uint8Array(0) }));
      await b.receive(bent);
      await b.settled();
      await b.write(alice, 'an answer');
    }
    assert.equal(b.sent.length, 1);
    assert.equal(b.store.sessions.live(alice).length, before + 1);
    party().clock.ms += 11 * minuteMs;
    await b.receive(withHeaders(await wireOf('later'), ({ salt }) => ({ salt: flipped(salt, 1) })));
    await b.settled();
    assert.equal(b.sent.length, 2);
    for (const stanza of b.sent) await a.receive(stanza.replace('<message', `<message from='${bob}/client'`));
    await goesOn(a, b);
  });

  it('sends in the name of devices that do not exist: not answered, and nobody is looked up for it', async () => {
    const asked = party().carrier.asked.get(alice);
    for (let time = 0; time < 30; time++) {
      const wire = await wireOf(`message ${time}`);
      const ghost = withC6(wire, () => ({ deviceId: new Uint8Array(randomBytes(16)) }));
      await b.receive(
        withWraps(ghost, ({ sessionId }) => ({ sessionId: flipped(sessionId, time), c3: new Uint8Array(0) })),
      );
    }
    await b.settled();
    assert.deepEqual(b.sent, []);
    assert.equal(party().carrier.asked.get(alice), asked);
    await goesOn(a, b);
  });

  it('uses no one-time key twice, however fast the sessions are used up', async () => {
    for (let number = 0; number < 1010; number++) await a.write(bob, `message ${number}`);
    const wire = await wireOf('the last one');
    assert.equal(wrapsOf(wire).length, 1);
    assert.equal(bodies(await b.receive(wire)), 'the last one');
  }).timeout(30_000);

  it('lists other devices in every list: those that are gone are not kept without end', async () => {
    const chameleon = new PublishingPerson('chameleon@example.test');
    let version = 0;
    party().carrier.lie(chameleon.jid, () => {
      const devices = Array.from({ length: 20 }, () => chameleon.newDevice());
      const given = devices.map(({ certificate, prekey }) => ({ certificate, prekey: prekey() }));
      return found({ kuA: chameleon.kuA, list: chameleon.list(++version, devices), devices: given });
    });
    for (let round = 0; round < 6; round++) {
      await b.person.desk.contact(chameleon.jid);
      party().clock.ms += minuteMs;
    }
    assert.equal(version, 6);
    const states = b.store.contacts.devices(chameleon.jid).map(({ state }) => state);
    assert.equal(states.filter((state) => state === 'listed').length, 20);
    assert.equal(states.filter((state) => state === 'removed').length, 32);
    await goesOn(a, b);
  });
});
