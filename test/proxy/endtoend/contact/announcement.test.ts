import assert from 'node:assert/strict';
import { announce } from '../../../../proxy/endtoend/contact/announcement.ts';
import { readCommand } from '../../../../proxy/endtoend/contact/command.ts';
import type { AnnouncementFacts, AnnouncementKind } from '../../../../proxy/endtoend/contact/facts.ts';
import { bobDigits, thisId } from './person-desk.ts';

const contact = 'bob@example.test';
const device = thisId;
const facts: AnnouncementFacts = {
  'key-changed': { contact, fingerprint: bobDigits, wasVerified: true, isVouched: false },
  'key-returned': { contact },
  undecided: { contact, fingerprint: bobDigits },
  'new-device': { contact, device },
  'device-added': { contact, device },
  'device-skipped': { contact, device },
  'own-device-waiting': { device, code: '7q3f-k2mz-9xab' },
  'own-device-added': { device },
  'own-device-removed': { account: 'alice@example.test' },
  'opt-out': { contact },
  unsent: { number: 12, to: contact, reason: 'They have no keys.' },
  unreadable: { contact, reason: 'The key is gone.' },
  'restored-database': { at: 0 },
  'list-rolled-back': { contact, seen: 3, known: 4 },
  'two-lists': { contact },
  'two-keys': { contact },
  'session-broken': { contact, device },
  'no-keys': { contact },
  'old-prekey': { contact, device, days: 31 },
  'first-encrypted': { contact, fingerprint: bobDigits },
  verification: { contact, state: 'asked' },
};
// An object of that type has these keys.
const kinds = Object.keys(facts) as AnnouncementKind[];

/** What a text tells to type: behind two spaces, to the end of the line or to more spaces. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/ {2}([a-z]+(?: \S+)*?)(?= {2}|\n|$)/g)].map((match) => match[1]!);
}

describe('what the virtual contact says unasked', () => {
  for (const lang of ['en', 'de']) {
    for (const kind of kinds) {
      it(`says who it is about, and what to type is understood: ${kind} (${lang})`, () => {
        const text = announce(kind, facts[kind], lang);
        if ('contact' in facts[kind]) assert.ok(text.includes(contact));
        for (const command of commandsIn(text)) {
          assert.equal(readCommand(command).kind, 'command', command);
        }
        assert.doesNotMatch(text, /undefined|\[object|NaN/);
      });
    }
  }

  it('says what to type wherever a decision is due', () => {
    const due: readonly AnnouncementKind[] = [
      'key-changed',
      'undecided',
      'new-device',
      'own-device-waiting',
      'opt-out',
      'unsent',
      'two-lists',
      'two-keys',
      'no-keys',
      'verification',
    ];
    for (const kind of due) assert.ok(commandsIn(announce(kind, facts[kind])).length > 0, kind);
    assert.deepEqual(commandsIn(announce('unsent', facts.unsent)), ['resend 12', 'discard 12']);
  });

  it('speaks the language of the stream, and English where it has none', () => {
    assert.match(announce('key-returned', { contact }, 'de-CH'), /Schlüssel/);
    for (const lang of [undefined, 'fr', '', 'en-GB'])
      assert.match(announce('key-returned', { contact }, lang), /earlier key/);
  });

  it('tells each state of a verification', () => {
    for (const state of ['asked', 'comparing', 'confirmed', 'failed', 'over'] as const) {
      const text = announce(
        'verification',
        { contact, state, ours: '123456', attemptsLeft: 3, reason: 'too-late' },
        'de',
      );
      assert.doesNotMatch(text, /undefined/);
      assert.equal(text.includes('123456'), state === 'comparing' || state === 'confirmed');
    }
  });
});
