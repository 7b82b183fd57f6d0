// Somebody who makes another one work (docs/protocol.md §9.2, §9.7, §11.5):
// sessions begun in a loop, messages that never open, lists without end. What is
// kept and what is answered stay bounded, and everybody else goes on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { maxSessions } from '../../../../proxy/endtoend/session-book.ts';
import { flipped, withC6, withHeaders, withWraps, wrapsOf } from './bend.ts';
import type { Machine } from './machine.ts';
import { alice, bob, bodies, goesOn, partyOfTest, passed, say } from './party.ts';

const minuteMs = 60_000;
const dayMs = 24 * 3600 * 1000;

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

  it('begins sessions in a loop: five live at once, and ids of ended ones are forgotten with the keys that they name', async () => {
    for (let time = 0; time < 12; time++) {
      a.person.desk.setPolicy(bob, 'prefer');
      for (const { deviceId, sessionId } of a.store.sessions.live(bob)) {
        a.store.sessions.put({ ...a.store.sessions.get(sessionId)!, state: new Uint8Array(0), endedAt: 1 });
        assert.equal(deviceId, b.deviceId);
      }
      a.store.flush();
      // Its sessions are gone, as after a crash of its disk.
      a.forgetSessions();
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
      const bent = time % 2 === 0 ? withHeaders(wire, ({ salt }) => ({ salt: flipped(salt, 1) })) : withWraps(wire, ({ sessionId }) => ({ sessionId: flipped(sessionId, 1), c3: new Uint8Array(0) }));
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
      await b.receive(withWraps(ghost, ({ sessionId }) => ({ sessionId: flipped(sessionId, time), c3: new Uint8Array(0) })));
    }
    await b.settled();
    assert.deepEqual(b.sent, []);
    assert.equal(party().carrier.asked.get(alice), asked);
    await goesOn(a, b);
  });

  it('skips messages without end: refused at once, and at most 2000 keys are kept', async () => {
    for (let round = 0; round < 3; round++) {
      const wires: string[] = [];
      // 900 messages lost, then one that comes.
      for (let number = 0; number < 20; number++) wires.push(await wireOf(`lost ${number}`));
      assert.equal(bodies(await b.receive(wires.at(-1)!)), 'lost 19');
    }
    for (const { sessionId } of b.store.sessions.live(alice)) {
      assert.ok(b.store.skippedKeys.count(sessionId) <= 2000);
    }
    await goesOn(b, a);
  });

  it('uses no one-time key twice, however fast the sessions are used up', async () => {
    for (let number = 0; number < 1010; number++) await a.write(bob, `message ${number}`);
    const wire = await wireOf('the last one');
    assert.equal(wrapsOf(wire).length, 1);
    assert.equal(bodies(await b.receive(wire)), 'the last one');
  }).timeout(30_000);

  it('lists other devices in every list: those that are gone are not kept without end', async () => {
    for (let round = 0; round < 40; round++) {
      const phone = await party().open(alice);
      await a.person.desk.approveDevice(phone.deviceId);
      await a.person.desk.removeDevice(phone.deviceId);
      phone[Symbol.dispose]();
      await b.person.desk.contact(alice);
    }
    assert.ok(b.store.contacts.devices(alice).length <= 64);
    party().clock.ms += dayMs;
    await goesOn(a, b);
  }).timeout(60_000);
});
