// Copies that are none (CVE-2017-5589), and what one's own devices are said to
// have said (docs/protocol.md §9.4, §9.5; transparency.md §5.2): a copy counts
// only from one's own account, and a decision only from one's own devices.
import assert from 'node:assert/strict';
import { writeTrustMessage } from '../../../../shared/xmpp/trust-message.ts';
import { personFingerprint } from '../../../../shared/simpp/fingerprint.ts';
import { crypto } from '../publishing-person.ts';
import type { Machine } from './machine.ts';
import { alice, bob, bodies, from, goesOn, mallory, partyOfTest, passed, say } from './party.ts';

const word = 'the heron stands in the reeds';

function forwarded(stanza: string): string {
  return `<forwarded xmlns='urn:xmpp:forward:0'>${stanza.replace('<message', "<message xmlns='jabber:client'")}</forwarded>`;
}
const carbon = (kind: 'sent' | 'received', by: string, stanza: string): string =>
  `<message from='${by}' to='${bob}/client'><${kind} xmlns='urn:xmpp:carbons:2'>${forwarded(stanza)}</${kind}></message>`;
const result = (by: string, stanza: string): string =>
  `<message from='${by}' to='${bob}/client'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>${forwarded(stanza)}</result></message>`;
const withoutDefault = (stanza: string): string => stanza.replace(" xmlns='jabber:client'", '');

describe('copies that are none', () => {
  const party = partyOfTest();
  let a: Machine;
  let b: Machine;
  beforeEach(async () => {
    a = await party().open(alice);
    b = await party().open(bob);
    await goesOn(a, b);
  });

  const fresh = async (): Promise<string> => withoutDefault(passed(alice, await a.write(bob, word)));

  for (const [what, wrap] of [
    ['a received carbon by a contact', (stanza: string) => carbon('received', alice, stanza)],
    ['a received carbon by a resource of the account', (stanza: string) => carbon('received', `${bob}/other`, stanza)],
    ['a sent carbon by a contact', (stanza: string) => carbon('sent', mallory, stanza)],
    ['history by a contact', (stanza: string) => result(mallory, stanza)],
    ['a sent carbon of what somebody else has written', (stanza: string) => carbon('sent', bob, stanza)],
  ] as const) {
    it(`${what}: nothing in it is opened, and it opens when it comes by itself`, async () => {
      const wire = await fresh();
      const shown = await b.receive(wrap(wire));
      assert.ok(!shown.join('').includes(word));
      assert.equal(bodies(await b.receive(wire)), word);
      await goesOn(b, a);
    });
  }

  it('history that nobody has asked for is not opened; that which was is', async () => {
    const wire = await fresh();
    assert.ok(!(await b.receive(result(bob, wire))).join('').includes(word));
    assert.equal(bodies(await b.receive(result(bob, wire), true)), word);
    assert.equal(bodies(await b.receive(carbon('received', bob, wire))), word, 'a true copy opens, too');
  });

  it('plaintext in a true copy is marked like any other', async () => {
    const plain = `<message type='chat' from='${alice}/client' to='${bob}'><body>${word}</body></message>`;
    assert.equal(bodies(await b.receive(carbon('received', bob, plain))), `[unencrypted] ${word}`);
  });

  it('plaintext put into the history of somebody who encrypts is marked', async () => {
    const plain = `<message type='chat' from='${alice}/client' to='${bob}'><body>${word}</body></message>`;
    assert.equal(bodies(await b.receive(result(bob, plain), true)), `[unencrypted] ${word}`);
    b.person.desk.setPolicy(alice, 'require');
    assert.equal(bodies(await b.receive(result(bob, plain), true)), `[unencrypted] ${word}`);
  });

  it('plaintext that one is said to have written, to somebody who gets it encrypted, is marked', async () => {
    const plain = `<message type='chat' from='${bob}/other' to='${alice}'><body>${word}</body></message>`;
    assert.equal(bodies(await b.receive(carbon('sent', bob, plain))), `[unencrypted] ${word}`);
  });

  describe('with a second device of one’s own', () => {
    let phone: Machine;
    beforeEach(async () => {
      phone = await party().open(bob);
      await b.person.desk.approveDevice(phone.deviceId);
      await phone.settled();
      await b.settled();
    });

    it('what it has written is read in a sent carbon, by its addresses only', async () => {
      const wire = withoutDefault(passed(bob, await phone.write(alice, word)));
      const other = wire.replace(`to='${alice}'`, `to='${mallory}'`);
      assert.ok(!(await b.receive(carbon('sent', bob, other))).join('').includes(word), 'to somebody else');
      const second = withoutDefault(passed(bob, await phone.write(alice, 'a second one')));
      assert.equal(bodies(await b.receive(carbon('sent', bob, second))), 'a second one');
      assert.equal(bodies(await a.receive(second.replace('/client', '/phone'))), 'a second one');
      await goesOn(a, b);
    });

    it('what a contact seals is none of its words', async () => {
      const wire = withoutDefault(passed(alice, await a.write(bob, word)));
      const forged = wire
        .replace(`from='${alice}/client'`, `from='${bob}/client'`)
        .replace(`to='${bob}'`, `to='${alice}'`);
      assert.ok(!(await b.receive(carbon('sent', bob, forged))).join('').includes(word));
      await goesOn(b, a);
    });

    it('a trust message from anybody else changes nothing; from it, it does', async () => {
      const m = await party().open(mallory);
      await say(b, m, 'hello');
      const key = personFingerprint(crypto, mallory, m.identities.find(mallory)!.kuA);
      const trust = Buffer.from(writeTrustMessage([{ jid: mallory, trust: [key], distrust: [] }])).toString();
      await say(m, b, 'hello');
      const { up } = await m.writeRaw(
        `<message xmlns='jabber:client' type='chat' to='${bob}' id='t'>${trust}</message>`,
      );
      for (const stanza of up) await b.receive(from(mallory, stanza));
      assert.equal((await b.person.desk.contact(mallory)).trust, 'blind');
      // The same said by one's own device, which has verified.
      await say(m, phone, 'hello, phone');
      phone.sent.length = 0;
      await phone.person.desk.verify(mallory, m.person.desk.status().fingerprint);
      await phone.settled();
      assert.equal(phone.sent.length, 1);
      const message = phone.sent[0]!;
      assert.deepEqual(await b.receive(from(mallory, message)), [], 'said by another');
      assert.equal((await b.person.desk.contact(mallory)).trust, 'blind');
    });

    it('a device that was removed decides nothing any more, nor does it write in one’s name', async () => {
      const tablet = await party().open(bob);
      await b.person.desk.approveDevice(tablet.deviceId);
      for (const machine of [tablet, phone, b]) await machine.settled();
      const m = await party().open(mallory);
      await say(m, phone, 'hello, phone');
      await say(m, tablet, 'hello, tablet');
      // A session between phone and tablet.
      const note = withoutDefault(passed(bob, await phone.write(bob, 'a note')));
      assert.equal(bodies(await tablet.receive(note)), 'a note');
      phone.sent.length = 0;
      await phone.person.desk.verify(mallory, m.person.desk.status().fingerprint);
      await phone.settled();
      const decision = from(bob, phone.sent[0]!);
      const late = withoutDefault(passed(bob, await phone.write(alice, word)));
      await b.person.desk.removeDevice(phone.deviceId);
      await tablet.settled();
      await tablet.receive(decision);
      assert.equal((await tablet.person.desk.contact(mallory)).trust, 'blind');
      const shown = bodies(await tablet.receive(carbon('sent', bob, late).replace('/client', '/tablet')));
      assert.match(shown, /^SIMPP (?:cannot read|does not show) this message/);
    });
  });
});
