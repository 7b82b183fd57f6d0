import assert from 'node:assert/strict';
import { nodeCrypto as crypto } from '../../../../proxy/crypto/support.ts';
import { blockText, noticeText, verificationFacts } from '../../../../proxy/endtoend/contact/explain.ts';
import { readCommand } from '../../../../proxy/endtoend/contact/command.ts';
import { stranger, type Block, type Known, type TrustNotice } from '../../../../proxy/endtoend/trust.ts';
import { noVerification, type EndReason } from '../../../../proxy/endtoend/verification.ts';
import { fingerprintDigits, personFingerprint } from '../../../../shared/simpp/fingerprint.ts';

const jid = 'bob@example.test';
const [kuA, nextKuA] = [crypto.p256.generate().publicKey.bytes, crypto.p256.generate().publicKey.bytes];
const known: Known = { contact: { ...stranger(jid).contact, kuA, nextKuA }, devices: [] };
const firstLine = (key: Uint8Array): string => fingerprintDigits(personFingerprint(crypto, jid, key)).slice(0, 23);

describe('why nothing is sent, in words', () => {
  for (const lang of ['en', 'de']) {
    it(`names the contact and a command that mends it (${lang})`, () => {
      const blocks: readonly Block[] = [
        { kind: 'undecided' },
        { kind: 'key-changed' },
        { kind: 'refused' },
        { kind: 'new-devices', deviceIds: ['00'] },
      ];
      for (const block of blocks) {
        const text = blockText(jid, block, lang);
        const [, command] = text.split('  ');
        assert.ok(text.startsWith(jid) || text.includes(` ${jid}`));
        assert.equal(readCommand(command!).kind, 'command', text);
      }
    });
  }

  it('is the text of an alarm where there is one', () => {
    assert.equal(blockText(jid, { kind: 'alarm', text: 'Two lists.' }), 'Two lists.');
  });
});

describe('what a bundle brought, in words', () => {
  it('shows the fingerprint that is to be compared', () => {
    const changed = noticeText(crypto, known, { kind: 'key-changed', wasVerified: true, isVouched: false });
    assert.ok(changed.includes(firstLine(nextKuA)) && !changed.includes(firstLine(kuA)));
    assert.ok(noticeText(crypto, known, { kind: 'undecided' }).includes(firstLine(kuA)));
  });

  it('has a text for each', () => {
    const notices: readonly TrustNotice[] = [
      { kind: 'key-returned' },
      { kind: 'two-keys' },
      { kind: 'list-rolled-back', seen: 1, known: 2 },
      { kind: 'two-lists', version: 2 },
      { kind: 'new-device', deviceId: 'ab'.repeat(16) },
      { kind: 'device-added', deviceId: 'ab'.repeat(16) },
    ];
    const texts = notices.map((notice) => noticeText(crypto, known, notice));
    assert.equal(new Set(texts).size, notices.length);
  });
});

describe('a verification, as a person sees it', () => {
  const running = { own: { jid: 'alice@example.test', kuA }, contact: { jid, kuA: nextKuA }, id: 'v', startedAt: 0 };
  const over = (reason: EndReason): string | undefined =>
    verificationFacts({ kind: 'over', contact: running.contact, reason })?.state;

  it('has failed only where somebody may stand between', () => {
    for (const reason of ['wrong-digits', 'out-of-place', 'false-reveal'] as const)
      assert.equal(over(reason), 'failed');
    for (const reason of ['too-late', 'answered-elsewhere', 'cancelled'] as const) assert.equal(over(reason), 'over');
  });

  it('shows our digits and never theirs', () => {
    const facts = verificationFacts({
      ...running,
      kind: 'comparing',
      ours: '111111',
      theirs: '222222',
      attemptsLeft: 3,
    });
    assert.deepEqual(facts, { contact: jid, state: 'comparing', ours: '111111', attemptsLeft: 3 });
    assert.equal(verificationFacts(noVerification), undefined);
  });
});
