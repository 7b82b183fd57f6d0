import assert from 'node:assert/strict';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { equalBytes, toHex } from '../../../shared/bytes.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { c3 as c3Message, wrap as wrapMessage, type C3, type Wrap } from '../../../shared/simpp/end-to-end-messages.ts';
import { acceptSession } from '../../../shared/simpp/accept-session.ts';
import { certificateHash, signCertificate } from '../../../shared/simpp/certificate.ts';
import { beginSession } from '../../../shared/simpp/begin-session.ts';
import { openBundle } from '../../../shared/simpp/contact-bundle.ts';
import { needsHeartbeat, needsRenewal, sealWrap, type Session } from '../../../shared/simpp/session.ts';
import { sessionIdOf, transcriptHash } from '../../../shared/simpp/session-transcript.ts';
import { decodeSession, encodeSession } from '../../../shared/simpp/session-codec.ts';
import { accept, alice, begin, bob, conversation, End, first, plaintext } from './conversation.ts';
import { contextOf, day, keysOf, newDevice, newPerson, now, ownDevice, personOf } from './people.ts';

const crypto = nodeCrypto;
const people = { a: newPerson(crypto, alice), b: newPerson(crypto, bob) };

/** A first wrap whose C3 is changed after it was sealed. */
function withC3(wrap: Uint8Array, change: Partial<C3>): Uint8Array {
  const decoded = wrapMessage.decode(wrap);
  return wrapMessage.encode({ ...decoded, c3: c3Message.encode({ ...c3Message.decode(decoded.c3), ...change }) });
}

const acceptWrap = (wrap: Uint8Array) => accept(crypto, people.b, first(people.a, wrap));

const pairs: readonly (readonly [string, Crypto, Crypto])[] = [
  ['node', nodeCrypto, nodeCrypto],
  ['noble', nobleCrypto, nobleCrypto],
  ['node with noble', nodeCrypto, nobleCrypto],
  ['noble with node', nobleCrypto, nodeCrypto],
];

describe('beginning a session (docs/protocol.md §9.2)', () => {
  for (const [name, ofA, ofB] of pairs) {
    it(`gives both sides one session: ${name}`, () => {
      const a = new End(ofA, begin(ofA, people.a, people.b));
      const accepted = accept(ofB, people.b, first(people.a, a.seal(1)));
      assert.deepEqual(accepted.plaintext, plaintext(1));
      assert.deepEqual(accepted.session.id, a.session.id);
      assert.equal(accepted.oneTimeId, 9);
      assert.equal(accepted.prekeyId, 7);
      assert.ok(equalBytes(accepted.sender.kuA.bytes, people.a.krA.publicKey.bytes));
      assert.equal(accepted.sender.list.version, 1);
      const b = new End(ofB, accepted.session);
      assert.deepEqual(a.open(b.seal(2)), plaintext(2));
      assert.deepEqual(b.open(a.seal(3)), plaintext(3));
    });
  }

  it('goes without a one-time key where there is none', () => {
    const raw = {
      ...people.b.bundle,
      devices: people.b.bundle.devices.map((device) => ({ ...device, oneTime: undefined })),
    };
    const a = new End(crypto, begin(crypto, people.a, people.b, 0, raw));
    const accepted = acceptWrap(a.seal());
    assert.equal(accepted.oneTimeId, 0);
    assert.deepEqual(accepted.session.id, a.session.id);
  });

  it('repeats C3 byte for byte, signature included, until A has received', () => {
    const a = new End(crypto, begin(crypto, people.a, people.b));
    const wraps = [a.seal(1), a.seal(2), a.seal(3)];
    const [c3] = wraps.map((wrap) => toHex(wrapMessage.decode(wrap).c3));
    for (const wrap of wraps) assert.equal(toHex(wrapMessage.decode(wrap).c3), c3);
    const accepted = acceptWrap(wraps[0]!);
    const b = new End(crypto, accepted.session);
    assert.deepEqual(b.open(wraps[1]!), plaintext(2));
    a.open(b.seal());
    assert.equal(a.session.c3, undefined);
    const later = a.seal(4);
    assert.equal(wrapMessage.decode(later).c3.length, 0);
    assert.deepEqual(b.open(later), plaintext(4));
    assert.deepEqual(b.open(wraps[2]!), plaintext(3));
  });

  it('may be accepted by any of the first messages, and opens the earlier ones then', () => {
    const a = new End(crypto, begin(crypto, people.a, people.b));
    const [one, two] = [a.seal(1), a.seal(2)];
    const accepted = acceptWrap(two);
    const b = new End(crypto, accepted.session);
    b.skipped.keep(accepted.skipped);
    assert.deepEqual(b.open(one), plaintext(1));
    assert.equal(b.session.skippedCount, 0);
  });

  it('keeps two sessions when both begin at once', () => {
    const a = new End(crypto, begin(crypto, people.a, people.b));
    const b = new End(crypto, begin(crypto, people.b, people.a));
    const [fromA, fromB] = [a.seal(1), b.seal(2)];
    const atB = new End(crypto, accept(crypto, people.b, first(people.a, fromA)).session);
    const atA = new End(crypto, accept(crypto, people.a, first(people.b, fromB)).session);
    assert.notDeepEqual(atA.session.id, atB.session.id);
    assert.deepEqual(atA.open(b.seal(3)), plaintext(3));
    assert.deepEqual(a.open(atB.seal(4)), plaintext(4));
    assert.throws(() => a.open(b.seal(5)), { code: 'message-forged' });
  });

  it('is between two devices of one person, too', () => {
    const own = newPerson(crypto, alice, 2);
    const a = new End(crypto, begin(crypto, own, own, 1));
    const accepted = accept(crypto, own, first(own, a.seal(1)), 1);
    assert.deepEqual(accepted.plaintext, plaintext(1));
  });

  it('says that the prekey is gone, and that the one-time key is gone', () => {
    const a = new End(crypto, begin(crypto, people.a, people.b));
    const from = first(people.a, a.seal());
    const [context, me, keys] = [contextOf(crypto), ownDevice(crypto, people.b), keysOf(people.b.devices[0]!)];
    assert.throws(() => acceptSession(context, me, from, { ...keys, prekey: () => undefined }), {
      code: 'key-gone',
      message: /prekey/u,
    });
    assert.throws(() => acceptSession(context, me, from, { ...keys, oneTime: () => undefined }), {
      code: 'key-gone',
      message: /one-time/u,
    });
  });

  it('opens for who knew this device by a certificate that was renewed since', () => {
    const { krA, devices } = people.b;
    const wrap = new End(crypto, begin(crypto, people.a, people.b)).seal();
    const [device] = devices;
    const certificate = signCertificate(crypto, krA, { ...device!.body, notBefore: now });
    const renewed = personOf(crypto, bob, krA, [{ ...device!, certificate }], 2);
    const me = ownDevice(crypto, renewed);
    const keys = keysOf(device!);
    const from = first(people.a, wrap);
    assert.throws(() => acceptSession(contextOf(crypto), me, from, keys), { code: 'message-forged' });
    const earlierCertificateNames = [certificateHash(crypto, device!.certificate)];
    assert.ok(acceptSession(contextOf(crypto), { ...me, earlierCertificateNames }, from, keys));
  });
});

describe('C3 from others than A (docs/protocol.md §9.2)', () => {
  const session = begin(crypto, people.a, people.b);
  const mallory = newPerson(crypto, 'mallory@example.test');

  it('is refused when any field was changed', () => {
    const wrap = new End(crypto, session).seal();
    const other = crypto.p256.generate().publicKey.bytes;
    const changes: readonly Partial<C3>[] = [
      { gX: other },
      { ct: crypto.randomBytes(1088) },
      { oneTimeId: 0 },
      { recipientListVersion: 2 },
      { kuA: other },
      { kuA: mallory.krA.publicKey.bytes, list: mallory.list, certificate: mallory.devices[0]!.certificate },
      { list: personOf(crypto, alice, people.a.krA, people.a.devices, 2).list },
      { list: mallory.list },
      { certificate: mallory.devices[0]!.certificate },
    ];
    for (const change of changes) {
      assert.throws(
        () => acceptWrap(withC3(wrap, change)),
        (error: { code?: string }) => error.code === 'message-forged' || error.code === 'handshake-failed',
        JSON.stringify(Object.keys(change)),
      );
    }
    assert.ok(acceptWrap(wrap));
  });

  it('is refused with a point off the curve, and with a list of an earlier or later version', () => {
    const wrap = new End(crypto, session).seal();
    const off = people.a.krA.publicKey.bytes.slice();
    off[64]! ^= 1;
    assert.throws(() => acceptWrap(withC3(wrap, { gX: off })), { code: 'message-forged' });
    assert.throws(() => acceptWrap(withC3(wrap, { kuA: off })), { code: 'invalid-point' });
    for (const version of [0, 2]) {
      const { list } = personOf(crypto, alice, people.a.krA, people.a.devices, version);
      assert.throws(() => acceptWrap(withC3(wrap, { list })), { code: 'message-forged' });
    }
  });

  it('is refused from who writes another JID than that of its own certificate into TH', () => {
    const bundle = openBundle(crypto, bob, people.b.bundle, now);
    const peer = { jid: bob, kuA: bundle.kuA, listVersion: 1, device: bundle.devices[0]! };
    const forger = { ...ownDevice(crypto, mallory), jid: alice };
    const wrap = wrapMessage.decode(new End(crypto, beginSession(contextOf(crypto), forger, peer)).seal());
    const from = { fromJid: alice, senderDeviceId: forger.deviceId, wrap };
    assert.throws(() => accept(crypto, people.b, from), { code: 'message-forged' });
  });

  it('is refused with a G_x off the curve that TH was made of', () => {
    const wrap = wrapMessage.decode(new End(crypto, session).seal());
    const c3 = c3Message.decode(wrap.c3);
    const gX = c3.gX.slice();
    gX[64]! ^= 1;
    const [me, peer] = [ownDevice(crypto, people.a), ownDevice(crypto, people.b)];
    const { prekey, oneTime } = people.b.devices[0]!;
    const th = transcriptHash(crypto, {
      a: me,
      b: peer,
      gX,
      prekey: prekey.body,
      oneTime: { id: c3.oneTimeId, key: oneTime.get(c3.oneTimeId)!.publicKey.bytes },
      ct: c3.ct,
    });
    const forged = { ...wrap, sessionId: sessionIdOf(crypto, th), c3: c3Message.encode({ ...c3, gX }) };
    const from = { fromJid: alice, senderDeviceId: me.deviceId, wrap: forged };
    assert.throws(() => accept(crypto, people.b, from), { code: 'invalid-point' });
  });

  it('is refused when its certificate is of another JID or device than the one that sends', () => {
    const wrap = wrapMessage.decode(new End(crypto, session).seal());
    const from = { fromJid: alice, senderDeviceId: people.a.devices[0]!.body.deviceId, wrap };
    for (const change of [{ fromJid: 'mallory@example.test' }, { senderDeviceId: new Uint8Array(16) }]) {
      assert.throws(() => accept(crypto, people.b, { ...from, ...change }), { code: 'message-forged' });
    }
  });

  it('is refused when the signature is not that of KR_Ds of A: whoever has KR_Dd alone begins nothing', () => {
    const forged = {
      ...session,
      c3: { ...session.c3!, signature: crypto.p256.sign(crypto.p256.generate(), plaintext()) },
    };
    assert.throws(() => acceptWrap(new End(crypto, forged).seal()), {
      code: 'handshake-failed',
      message: /signature of a C3/u,
    });
  });

  it('is refused for another device of B, and when the wrap is for another device', () => {
    const wrap = wrapMessage.decode(new End(crypto, session).seal());
    const two = newPerson(crypto, bob, 2);
    const from = { fromJid: alice, senderDeviceId: people.a.devices[0]!.body.deviceId, wrap };
    assert.throws(() => accept(crypto, two, from), { code: 'message-forged' });
    const moved = { ...from, wrap: { ...wrap, deviceId: two.devices[0]!.body.deviceId } };
    for (const person of [two, people.b]) {
      assert.throws(() => accept(crypto, person, moved), { code: 'message-forged' });
    }
  });

  it('is refused with a certificate that has expired, or a list that does not name it', () => {
    const krA = crypto.p256.generate();
    const expired = newDevice(crypto, alice, krA, { certificate: { notBefore: 0, notAfter: now - 3 * day } });
    const [a, unlisted] = [personOf(crypto, alice, krA, [expired]), newPerson(crypto, alice, 2)];
    assert.throws(() => accept(crypto, people.b, first(a, new End(crypto, begin(crypto, a, people.b)).seal())), {
      code: 'handshake-failed',
    });
    const without = personOf(crypto, alice, unlisted.krA, unlisted.devices.slice(1), 2);
    const hidden = { ...without, devices: unlisted.devices };
    assert.throws(
      () => accept(crypto, people.b, first(hidden, new End(crypto, begin(crypto, hidden, people.b)).seal())),
      {
        code: 'handshake-failed',
      },
    );
  });
});

describe('a wrap in its session (docs/protocol.md §9.3)', () => {
  const change = (wrap: Uint8Array, changed: (decoded: Wrap) => Partial<Wrap>): Uint8Array => {
    const decoded = wrapMessage.decode(wrap);
    return wrapMessage.encode({ ...decoded, ...changed(decoded) });
  };
  const flip = (bytes: Uint8Array, at: number): Uint8Array => {
    const flipped = bytes.slice();
    flipped[at]! ^= 1;
    return flipped;
  };

  it('does not open after any bit of header or ciphertext was flipped, and the session then still opens the true one', () => {
    const { a, b } = conversation(crypto);
    const wrap = a.seal(1);
    const { header, sealed } = wrapMessage.decode(wrap);
    for (let at = 0; at < header.length; at += 7) {
      assert.throws(() => b.open(change(wrap, () => ({ header: flip(header, at) }))), { name: 'SimppError' });
    }
    for (let at = 0; at < sealed.length; at += 7) {
      assert.throws(() => b.open(change(wrap, () => ({ sealed: flip(sealed, at) }))), { code: 'message-forged' });
    }
    assert.deepEqual(b.open(wrap), plaintext(1));
  });

  it('does not open cut short, and opens only once', () => {
    const { a, b } = conversation(crypto);
    const wrap = a.seal(1);
    for (let length = 0; length < wrap.length; length += 97) {
      assert.throws(() => b.open(wrap.subarray(0, length)), { code: 'malformed-message' });
    }
    b.open(wrap);
    assert.throws(() => b.open(wrap), { code: 'key-gone' });
    b.seal();
    assert.throws(() => b.open(wrap), { code: 'key-gone' });
  });

  it('does not open in another session', () => {
    const [one, two] = [conversation(crypto), conversation(crypto)];
    const wrap = one.a.seal();
    assert.throws(() => two.b.open(wrap), { code: 'message-forged' });
    const renamed = change(wrap, () => ({ sessionId: two.b.session.id }));
    for (const { b } of [one, two]) assert.throws(() => b.open(renamed), { code: 'message-forged' });
  });

  it('does not open with a C3 added or taken away', () => {
    const { a, b } = conversation(crypto);
    const before = a.seal(1);
    assert.throws(() => b.open(change(before, () => ({ c3: new Uint8Array(0) }))), { code: 'malformed-message' });
    a.open(b.seal());
    const { c3 } = wrapMessage.decode(before);
    const after = a.seal(2);
    assert.throws(() => b.open(change(after, () => ({ c3 }))), { code: 'malformed-message' });
    assert.deepEqual(b.open(after), plaintext(2));
  });

  it('asks for a heartbeat after 53 received without one sent', () => {
    const { a, b } = conversation(crypto);
    for (let count = 2; count <= 52; count++) b.open(a.seal());
    assert.equal(needsHeartbeat(b.session), false);
    b.open(a.seal());
    assert.equal(needsHeartbeat(b.session), true);
    b.seal();
    assert.equal(needsHeartbeat(b.session), false);
  });

  it('asks for a new session after 7 days or 1000 messages sent', () => {
    const { session } = conversation(crypto).a;
    assert.equal(needsRenewal({ ...session, sentCount: 999 }, now + 7 * day - 1), false);
    assert.equal(needsRenewal(session, now + 7 * day), true);
    assert.equal(needsRenewal({ ...session, sentCount: 1000 }, now), true);
  });
});

describe('a session as bytes', () => {
  it('goes on from them in every state', () => {
    const a = new End(crypto, begin(crypto, people.a, people.b));
    const reload = (end: End): void => {
      const encoded = encodeSession(end.session);
      end.session = decodeSession(crypto, encoded);
      assert.deepEqual(encodeSession(end.session), encoded);
    };
    reload(a);
    const accepted: Session = acceptWrap(a.seal()).session;
    const b = new End(crypto, accepted);
    for (let number = 1; number < 6; number++) {
      reload(a);
      reload(b);
      assert.deepEqual(a.open(b.seal(number)), plaintext(number));
      reload(a);
      reload(b);
      assert.deepEqual(b.open(a.seal(number)), plaintext(number));
    }
  });

  it('is not changed by sealing', () => {
    const { a } = conversation(crypto);
    const before = encodeSession(a.session);
    sealWrap(contextOf(crypto), a.session, plaintext());
    assert.deepEqual(encodeSession(a.session), before);
  });
});
