import assert from 'node:assert/strict';
import { detectNodeCrypto } from '../../../../proxy/crypto/provider.ts';
import { utf8 } from '../../../../shared/bytes.ts';
import {
  answerClassicConversation,
  openClassicConversation,
  type ClassicConversation,
  type ClassicCurve,
  type ClassicPeers,
} from '../../../../shared/simpp/classic/conversation.ts';
import { classicC3, classicC4, classicC6 } from '../../../../shared/simpp/classic/messages.ts';
import { systemEntropy } from '../../../../shared/simpp/entropy.ts';
import { nobleCrypto } from '../../../../shared/crypto/noble.ts';

const crypto = detectNodeCrypto();
const krA = crypto.p224.generate();
const krB = crypto.p224.generate();
const krM = crypto.p224.generate();
const hello = utf8('<envelope/>');

function peersOf(own: typeof krA, other: typeof krA, curve: ClassicCurve): ClassicPeers {
  return { crypto, entropy: systemEntropy(crypto), own, other: other.publicKey, curve };
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);

for (const curve of ['P-224', 'secp160r1'] as const) {
  const a = peersOf(krA, krB, curve);
  const b = peersOf(krB, krA, curve);

  function agree(): { readonly ofA: ClassicConversation; readonly ofB: ClassicConversation } {
    const opening = openClassicConversation(a);
    const answer = answerClassicConversation(b, opening.c3);
    return { ofA: opening.next(answer.c4), ofB: answer.conversation };
  }

  describe(`C3 to C7 of the classic profile on ${curve}`, () => {
    it('gives both sides one K_AB of 16 bytes, and another one each time', () => {
      const { ofA, ofB } = agree();
      assert.deepEqual(ofA.kAB, ofB.kAB);
      assert.equal(ofA.kAB.length, 16);
      assert.notDeepEqual(agree().ofA.kAB, ofA.kAB);
    });

    it('carries C6 from A to B and C7 from B to A', () => {
      const { ofA, ofB } = agree();
      assert.deepEqual(Buffer.from(ofB.open(ofA.seal(hello))), Buffer.from(hello));
      assert.deepEqual(Buffer.from(ofA.open(ofB.seal(hello))), Buffer.from(hello));
    });

    it('signs the bare point with the P-224 key, as published', () => {
      const { gX, signature } = classicC3.decode(openClassicConversation(a).c3);
      assert.equal(gX.length, curve === 'P-224' ? 57 : 41);
      assert(crypto.p224.verify(krA.publicKey, gX, signature));
    });

    it('ends when C3 or C4 is signed by somebody else', () => {
      const fromM = openClassicConversation(peersOf(krM, krB, curve));
      assert.throws(() => answerClassicConversation(b, fromM.c3), { code: 'handshake-failed' });
      const opening = openClassicConversation(a);
      const byM = answerClassicConversation(peersOf(krM, krA, curve), opening.c3);
      assert.throws(() => opening.next(byM.c4), { code: 'handshake-failed' });
    });

    it('ends at once when a point is changed or lies on no curve', () => {
      const opening = openClassicConversation(a);
      assert.throws(() => answerClassicConversation(b, flipped(opening.c3, 20)), { code: 'handshake-failed' });
      const { c4 } = answerClassicConversation(b, opening.c3);
      assert.throws(() => opening.next(flipped(c4, 20)), { code: 'handshake-failed' });
      const share = classicC4.decode(c4);
      const gY = flipped(share.gY, -1);
      const signed = classicC4.encode({ ...share, gY, signature: crypto.p224.sign(krB, gY) });
      assert.throws(() => opening.next(signed), { code: 'invalid-point' });
    });

    it('refuses the other curve, which would be a downgrade', () => {
      const other = curve === 'P-224' ? 'secp160r1' : 'P-224';
      const { c3 } = openClassicConversation(peersOf(krA, krB, other));
      assert.throws(() => answerClassicConversation(b, c3), { code: 'handshake-failed', message: /another curve/ });
      const opening = openClassicConversation(a);
      const answer = answerClassicConversation(
        peersOf(krB, krA, other),
        openClassicConversation(peersOf(krA, krB, other)).c3,
      );
      assert.throws(() => opening.next(answer.c4), { code: 'handshake-failed', message: /another curve/ });
    });

    it('refuses a C6 of which any byte was changed, and one of another K_AB', () => {
      const { ofA, ofB } = agree();
      const c6 = ofA.seal(hello);
      for (const at of c6.keys()) {
        assert.throws(() => ofB.open(flipped(c6, at)), { code: at === 0 ? 'malformed-message' : 'record-forged' });
      }
      assert.throws(() => agree().ofB.open(c6), { code: 'record-forged' });
    });

    it('opens a message again, and one’s own, since the paper numbers nothing', () => {
      const { ofA, ofB } = agree();
      const c6 = ofA.seal(hello);
      ofB.open(c6);
      assert.deepEqual(Buffer.from(ofB.open(c6)), Buffer.from(hello));
      assert.deepEqual(Buffer.from(ofA.open(c6)), Buffer.from(hello));
    });
  });
}

describe('C6 of the classic profile', () => {
  it('is IV, ciphertext and HMAC under the one K_AB', () => {
    const opening = openClassicConversation(peersOf(krA, krB, 'P-224'));
    const { c4, conversation } = answerClassicConversation(peersOf(krB, krA, 'P-224'), opening.c3);
    const { kAB } = opening.next(c4);
    const { sealed } = classicC6.decode(conversation.seal(hello));
    const body = sealed.subarray(0, -32);
    assert.deepEqual(sealed.subarray(-32), nobleCrypto.hmacSha256(kAB, body));
    const data = nobleCrypto.aes128Cbc.open(kAB, body.subarray(0, 16), body.subarray(16));
    assert.deepEqual(data && Buffer.from(data), Buffer.from(hello));
  });
});
