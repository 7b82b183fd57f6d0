// What the client-client phase does not hold against as published: each attack
// is run against `classic`, where it wins, and against `simpp-2`, where it loses
// (docs/threat-model.md, docs/protocol.md §9, §10.3). The attacker is the
// server, or whoever else sees and sends what it carries.
import assert from 'node:assert/strict';

import { judge, stranger } from '../../proxy/endtoend/trust.ts';
import { fromUtf8, utf8 } from '../../shared/bytes.ts';
import type { PrivateKey } from '../../shared/crypto/provider.ts';
import { acceptSession } from '../../shared/simpp/accept-session.ts';
import { beginSession } from '../../shared/simpp/begin-session.ts';
import {
  answerClassicConversation,
  classicConversation,
  openClassicConversation,
  type ClassicConversation,
} from '../../shared/simpp/classic/conversation.ts';
import { classicC3, classicC4 } from '../../shared/simpp/classic/messages.ts';
import { openBundle, type RawContactBundle } from '../../shared/simpp/contact-bundle.ts';
import { c3 as c3Message, wrap as wrapMessage } from '../../shared/simpp/end-to-end-messages.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { agree, alice, bob, crypto, entropy, newPair, nextOf, type Party } from '../proxy/endtoend/classic/talks.ts';
import { accept, begin, conversation, End, first, plaintext } from '../shared/simpp/conversation.ts';
import { contextOf, keysOf, newDevice, newPerson, now, ownDevice, personOf } from '../shared/simpp/people.ts';

const p224 = { crypto, entropy, curve: 'P-224' } as const;
const mallory = 'mallory@example.test';
const textOf = (data: Uint8Array | undefined): string | undefined => data && fromUtf8(data);

/** The one ephemeral key that is known to the attacker. */
const leaking = (secret: PrivateKey): Entropy => ({ ...entropy, privateKey: () => secret });

/** K_AB from one's own ephemeral key and the other's point. */
function conversationFrom(secret: PrivateKey, point: Uint8Array): ClassicConversation {
  const kAB = crypto.p224.agree(secret, crypto.p224.publicKey(point)).slice(0, 16);
  return classicConversation(crypto, entropy, kAB);
}

describe('attack: an old C3 whose x has leaked is sent again', () => {
  it('wins against classic: the attacker talks to Bob as Alice', async () => {
    const { a, b } = newPair();
    const x = crypto.p224.generate();
    const { c3 } = openClassicConversation({ ...p224, entropy: leaking(x), own: a.krA, other: b.krA.publicKey });
    await b.talk.heardC3(c3);
    const attacker = conversationFrom(x, classicC4.decode(await nextOf(b)).gY);
    assert.equal(textOf(b.talk.read(attacker.seal(utf8('it is me, Alice')))), 'it is me, Alice');
  });

  it('loses against simpp-2: an x without KR_Dd of Alice begins nothing', () => {
    const people = { a: newPerson(crypto, alice), b: newPerson(crypto, bob) };
    const bundle = openBundle(crypto, bob, people.b.bundle, now);
    const peer = { jid: bob, kuA: bundle.kuA, listVersion: bundle.list.version, device: bundle.devices[0]! };
    // All that is Alice's and public, the attacker's own x, and a key in the place of hers.
    const posing = { ...ownDevice(crypto, people.a), agreement: crypto.p256.generate() };
    const wrap = new End(crypto, beginSession(contextOf(crypto), posing, peer)).seal();
    assert.throws(() => accept(crypto, people.b, first(people.a, wrap)), { code: 'message-forged' });
  });
});

describe('attack: an old C4 whose y has leaked answers a new C3', () => {
  it('wins against classic: C4 is tied to no C3, and the attacker hears what is for Bob', async () => {
    const { a, b } = newPair();
    const y = crypto.p224.generate();
    const old = openClassicConversation({ ...p224, own: a.krA, other: b.krA.publicKey });
    const peers = { ...p224, entropy: leaking(y), own: b.krA, other: a.krA.publicKey };
    const { c4 } = answerClassicConversation(peers, old.c3);

    const reach = a.talk.reach();
    const attacker = conversationFrom(y, classicC3.decode(await nextOf(a)).gX);
    a.talk.heardC4(c4);
    assert.ok(reach instanceof Promise);
    const reached = await reach;
    assert.ok(reached.kind === 'talk');
    assert.equal(textOf(attacker.open(reached.conversation.seal(utf8('for Bob only')))), 'for Bob only');
  });

  it('loses against simpp-2: y and the one-time key open nothing without KR_Dd of Bob', () => {
    const people = { a: newPerson(crypto, alice), b: newPerson(crypto, bob) };
    const wrap = new End(crypto, begin(crypto, people.a, people.b)).seal();
    const posing = { ...ownDevice(crypto, people.b), agreement: crypto.p256.generate() };
    const stolen = keysOf(people.b.devices[0]!);
    assert.throws(() => acceptSession(contextOf(crypto), posing, first(people.a, wrap), stolen), {
      code: 'message-forged',
    });
  });
});

describe('attack: a message is sent again', () => {
  it('wins against classic: Bob reads it twice', async () => {
    const { a, b } = newPair();
    const c6 = (await agree(a, b)).seal(utf8('pay him again'));
    assert.equal(textOf(b.talk.read(c6)), 'pay him again');
    assert.equal(textOf(b.talk.read(c6)), 'pay him again');
  });

  it('loses against simpp-2: a message key is used once', () => {
    const { a, b } = conversation(crypto);
    const wrap = a.seal(1);
    assert.deepEqual(b.open(wrap), plaintext(1));
    assert.throws(() => b.open(wrap), { code: 'key-gone' });
  });
});

describe('attack: a message is sent back to its sender', () => {
  it('wins against classic: Alice reads her own words as those of Bob', async () => {
    const { a, b } = newPair();
    const c6 = (await agree(a, b)).seal(utf8('yes, I agree'));
    assert.equal(textOf(a.talk.read(c6)), 'yes, I agree');
  });

  it('loses against simpp-2: each direction has chains of its own', () => {
    const { a, b } = conversation(crypto);
    a.open(b.seal(1));
    assert.throws(() => a.open(a.seal(2)), { code: 'message-forged' });
  });
});

describe('attack: S names its own key for KU_A and KU_B', () => {
  /** One side of the attacker, which has a conversation of its own with a victim. */
  async function between(victim: Party, krM: PrivateKey): Promise<ClassicConversation> {
    victim.answer = { kind: 'key', key: krM.publicKey };
    const peers = { ...p224, own: krM, other: victim.krA.publicKey };
    const reach = victim.talk.reach();
    const { c4, conversation: ofM } = answerClassicConversation(peers, await nextOf(victim));
    victim.talk.heardC4(c4);
    assert.ok(reach instanceof Promise);
    assert.equal((await reach).kind, 'talk');
    return ofM;
  }

  it('wins against classic: S reads and changes everything, also for who had the true key before', async () => {
    const { a, b } = newPair();
    await agree(a, b);
    for (const { talk } of [a, b]) talk.end();
    const krM = crypto.p224.generate();
    const [withA, withB] = [await between(a, krM), await between(b, krM)];
    const reach = a.talk.reach();
    assert.ok('kAB' in reach);
    const heard = textOf(withA.open(reach.seal(utf8('at noon'))));
    assert.equal(heard, 'at noon');
    assert.equal(textOf(b.talk.read(withB.seal(utf8('at midnight')))), 'at midnight');
  });

  it('loses against simpp-2: the pinned KU_A stays, nothing is sent, and the person is told', () => {
    const raw = newPerson(crypto, bob).bundle;
    const open = (bundle: RawContactBundle) => openBundle(crypto, bob, bundle, now);
    const met = judge(crypto, stranger(bob), [open(raw)], 'blind', now * 1000);
    assert.equal(met.block, undefined);
    const krM = crypto.p256.generate();
    const substituted = personOf(crypto, bob, krM, [newDevice(crypto, bob, krM)]).bundle;
    const after = judge(crypto, met, [open(substituted)], 'blind', now * 1000);
    assert.equal(after.block?.kind, 'key-changed');
    assert.deepEqual(
      after.notices.map(({ kind }) => kind),
      ['key-changed'],
    );
    assert.deepEqual(after.contact.kuA, met.contact.kuA);
    // Nor can a device be slipped in under the true KU_A.
    assert.throws(() => open({ ...substituted, kuA: raw.kuA }), { code: 'bundle-invalid' });
  });
});

describe('attack: Mallory signs the G_x of Alice as her own', () => {
  it('wins against classic: Bob takes the words of Alice for those of Mallory', async () => {
    const { a, b } = newPair();
    const krM = crypto.p224.generate();
    b.answer = { kind: 'key', key: krM.publicKey };
    const reach = a.talk.reach();
    const c3 = classicC3.decode(await nextOf(a));
    await b.talk.heardC3(classicC3.encode({ ...c3, signature: crypto.p224.sign(krM, c3.gX) }));
    a.talk.heardC4(await nextOf(b));
    assert.ok(reach instanceof Promise);
    const reached = await reach;
    assert.ok(reached.kind === 'talk');
    assert.equal(textOf(b.talk.read(reached.conversation.seal(utf8('my prize, please')))), 'my prize, please');
  });

  it('loses against simpp-2: both names and all keys are in the transcript of C3', () => {
    const people = { a: newPerson(crypto, alice), b: newPerson(crypto, bob), m: newPerson(crypto, mallory) };
    const wrap = wrapMessage.decode(new End(crypto, begin(crypto, people.a, people.b)).seal());
    const { kuA, list, certificate } = ownDevice(crypto, people.m);
    const c3 = c3Message.encode({ ...c3Message.decode(wrap.c3), kuA, list, certificate });
    const posing = { fromJid: mallory, senderDeviceId: people.m.devices[0]!.body.deviceId, wrap: { ...wrap, c3 } };
    assert.throws(() => accept(crypto, people.b, posing), { code: 'message-forged' });
  });
});

describe('attack: K_AB leaks while the two talk', () => {
  it('wins against classic: all that was said before, and will be, is read', async () => {
    const { a, b } = newPair();
    const ofA = await agree(a, b);
    const before = ofA.seal(utf8('said before'));
    const thief = classicConversation(crypto, entropy, ofA.kAB.slice());
    assert.equal(textOf(thief.open(before)), 'said before');
    assert.equal(textOf(thief.open(ofA.seal(utf8('said later')))), 'said later');
  });

  it('loses against simpp-2: nothing from before opens, and a reply later nothing new does', () => {
    const { a, b } = conversation(crypto);
    const before = a.seal(1);
    b.open(before);
    const thief = new End(crypto, b.session);
    assert.throws(() => thief.open(before), { code: 'key-gone' });
    a.open(b.seal(2));
    b.open(a.seal(3));
    a.open(b.seal(4));
    assert.throws(() => thief.open(a.seal(5)), { code: 'message-forged' });
  });
});
