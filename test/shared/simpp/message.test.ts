import assert from 'node:assert/strict';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { c6 as c6Message, wrap as wrapMessage, type C6 } from '../../../shared/simpp/end-to-end-messages.ts';
import { openPayload, readMessage, sealMessage, type SealedMessage } from '../../../shared/simpp/message.ts';
import { accept, alice, begin, bob, End } from './conversation.ts';
import { contextOf, newPerson, type TestPerson } from './people.ts';

const crypto = nodeCrypto;
const people = { a: newPerson(crypto, alice), b: newPerson(crypto, bob, 2) };
const address = { from: alice, to: bob, type: 'chat', id: 'm1' };
const content = {
  senderListVersion: 1,
  senderListHash: new Uint8Array(32).fill(1),
  recipientListVersion: 1,
  recipientListHash: new Uint8Array(32).fill(2),
  envelope: utf8('<envelope/>'),
};
const deviceId = people.a.devices[0]!.body.deviceId;

function seal(provider: Crypto, b: TestPerson, envelope = content.envelope): SealedMessage {
  const recipients = b.devices.map((_, at) => begin(provider, people.a, b, at));
  return sealMessage(contextOf(provider), {
    ...address,
    deviceId,
    content: { ...content, envelope },
    recipients,
  });
}

/** k ‖ binding as the device of Bob at this place finds it. */
function plaintextAt(provider: Crypto, b: TestPerson, c6: Uint8Array, at: number): Uint8Array {
  const wrap = readMessage(provider, c6).wrapFor(b.devices[at]!.body.deviceId);
  return accept(provider, b, { fromJid: alice, senderDeviceId: deviceId, wrap: wrap! }, at).plaintext;
}

const c6Of = (sealed: SealedMessage): C6 => readMessage(crypto, sealed.c6).message;

describe('a message (docs/protocol.md §9.4)', () => {
  for (const [ofA, ofB] of [
    [nodeCrypto, nodeCrypto],
    [nobleCrypto, nodeCrypto],
    [nodeCrypto, nobleCrypto],
  ] as const) {
    it(`is read alike by every device that it was sealed for: ${ofA.name} to ${ofB.name}`, () => {
      const { c6, digest, sessions } = seal(ofA, people.b);
      assert.equal(sessions.length, 2);
      const received = readMessage(ofB, c6);
      assert.deepEqual(received.digest, digest);
      assert.deepEqual(digest, ofB.sha256(c6));
      for (const at of [0, 1]) {
        assert.deepEqual(openPayload(ofB, received.message, plaintextAt(ofB, people.b, c6, at), address), content);
      }
    });
  }

  it('has no wrap for a device that it was not sealed for', () => {
    assert.equal(readMessage(crypto, seal(crypto, people.b).c6).wrapFor(new Uint8Array(16)), undefined);
  });

  it('opens only with the addresses, type and id that it was sealed with', () => {
    const sealed = seal(crypto, people.b);
    const plaintext = plaintextAt(crypto, people.b, sealed.c6, 0);
    for (const change of [
      { from: bob },
      { to: alice },
      { type: 'normal' },
      { id: '' },
      { from: '', to: alice + bob },
    ]) {
      assert.throws(() => openPayload(crypto, c6Of(sealed), plaintext, { ...address, ...change }), {
        code: 'message-forged',
        message: /addresses/u,
      });
    }
  });

  it('cannot be given another payload by a device that knows k', () => {
    const sealed = seal(crypto, people.b);
    const [k, theirs] = [plaintextAt(crypto, people.b, sealed.c6, 0), plaintextAt(crypto, people.b, sealed.c6, 1)];
    assert.deepEqual(k, theirs);
    // Bob's first device seals another payload under the same k and sends it on with the wrap of the second.
    const swapped = sealMessage(
      { ...contextOf(crypto), entropy: { ...contextOf(crypto).entropy, bytes: () => k.slice(0, 32) } },
      { ...address, deviceId, content: { ...content, envelope: utf8('<other/>') }, recipients: [] },
    );
    const forged = { ...c6Of(sealed), payload: c6Of(swapped).payload };
    assert.deepEqual(c6Of(swapped).commitment, forged.commitment);
    assert.throws(() => openPayload(crypto, forged, theirs, address), { code: 'message-forged', message: /payload/u });
  });

  it('does not open when commitment, binding, k, device id or payload was changed', () => {
    const sealed = seal(crypto, people.b);
    const plaintext = plaintextAt(crypto, people.b, sealed.c6, 0);
    const message = c6Of(sealed);
    const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);
    for (const changed of [
      { ...message, commitment: flip(message.commitment, 0) },
      { ...message, deviceId: flip(message.deviceId, 0) },
      { ...message, payload: flip(message.payload, 0) },
      { ...message, payload: message.payload.subarray(1) },
    ]) {
      assert.throws(() => openPayload(crypto, changed, plaintext, address), { code: 'message-forged' });
    }
    for (const at of [0, 31, 32, 63]) {
      // Before AES-GCM is asked, which two keys could both satisfy.
      assert.throws(() => openPayload(crypto, message, flip(plaintext, at), address), {
        code: 'message-forged',
        message: /sealed for this device/u,
      });
    }
    assert.deepEqual(openPayload(crypto, message, plaintext, address), content);
  });

  it('does not decode cut short', () => {
    const { c6 } = seal(crypto, people.b);
    const { payload } = c6Message.decode(c6);
    for (let length = 0; length < c6.length - payload.length; length += 89) {
      assert.throws(() => readMessage(crypto, c6.subarray(0, length)), { code: 'malformed-message' });
    }
  });

  it('goes to 33 devices at once, and each opens its own wrap', () => {
    const many = newPerson(crypto, bob, 32);
    const own = newPerson(crypto, alice);
    const recipients = [
      ...many.devices.map((_, at) => begin(crypto, people.a, many, at)),
      begin(crypto, people.a, own),
    ];
    const { c6 } = sealMessage(contextOf(crypto), { ...address, deviceId, content, recipients });
    const { message } = readMessage(crypto, c6);
    assert.equal(message.wraps.length, 33);
    for (const at of [0, 17, 31]) {
      assert.deepEqual(openPayload(crypto, message, plaintextAt(crypto, many, c6, at), address), content);
    }
  });

  it('shows which device a wrap of a known session is for, in whatever order they stand', () => {
    const { c6 } = seal(crypto, people.b);
    const message = c6Message.decode(c6);
    const turned = readMessage(crypto, c6Message.encode({ ...message, wraps: message.wraps.toReversed() }));
    for (const { body } of people.b.devices) assert.deepEqual(turned.wrapFor(body.deviceId)!.deviceId, body.deviceId);
  });

  it('is not sealed when it is longer than a server would take, or its id is', () => {
    assert.throws(() => seal(crypto, people.b, new Uint8Array(1024 * 1024 + 1)), { code: 'too-large' });
    const outgoing = { ...address, id: 'x'.repeat(65_536), deviceId, content, recipients: [] };
    assert.throws(() => sealMessage(contextOf(crypto), outgoing), { code: 'too-large' });
  });

  it('travels without C3 once the session was answered', () => {
    const a = new End(crypto, begin(crypto, people.a, people.b));
    const from = { fromJid: alice, senderDeviceId: deviceId, wrap: wrapMessage.decode(a.seal()) };
    const b = new End(crypto, accept(crypto, people.b, from).session);
    a.open(b.seal());
    const recipients = [a.session];
    const { c6 } = sealMessage(contextOf(crypto), { ...address, deviceId, content, recipients });
    const received = readMessage(crypto, c6);
    const plaintext = b.open(received.wrapFor(people.b.devices[0]!.body.deviceId)!);
    assert.deepEqual(openPayload(crypto, received.message, plaintext, address), content);
    assert.ok(c6.length < 500);
  });
});
