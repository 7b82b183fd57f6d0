import assert from 'node:assert/strict';
import { nodeCrypto as crypto } from '../../../proxy/crypto/support.ts';
import {
  expired,
  nextVerification,
  noVerification,
  verificationMs,
  type Parties,
  type Verification,
  type VerificationEvent,
  type VerificationStep,
} from '../../../proxy/endtoend/verification.ts';

const alice = { jid: 'alice@example.test', kuA: crypto.p256.generate().publicKey.bytes };
const bob = { jid: 'bob@example.test', kuA: crypto.p256.generate().publicKey.bytes };

/** One side: its state, and what it has sent. */
class Side {
  readonly parties: Parties;
  state: Verification = noVerification;
  sent: VerificationStep[] = [];
  news = 0;

  constructor(parties: Parties) {
    this.parties = parties;
  }

  do(event: VerificationEvent, now = 0): this {
    const { state, send, isNews } = nextVerification(crypto, this.state, event, now);
    this.state = state;
    if (send !== undefined) this.sent.push(send);
    if (isNews) this.news++;
    return this;
  }

  start(id: string, now = 0): this {
    return this.do({ kind: 'start', parties: this.parties, id, nonce: crypto.randomBytes(16) }, now);
  }

  hear(step: VerificationStep | undefined, now = 0): this {
    assert.ok(step !== undefined);
    return this.do({ kind: 'received', step, parties: this.parties, nonce: crypto.randomBytes(16) }, now);
  }

  type(digits: string): this {
    return this.do({ kind: 'typed', digits });
  }
}

const sides = (own = alice, contact = bob): [Side, Side] => [
  new Side({ own, contact }),
  new Side({ own: contact, contact: own }),
];

/** Both sides up to the digits. */
function compared(...parties: Parameters<typeof sides>): [Side, Side] {
  const [a, b] = sides(...parties);
  b.hear(a.start('v1').sent[0]).start('unused');
  b.hear(a.hear(b.sent[0]).sent[1]);
  return [a, b];
}

function digitsOf({ state }: Side): { readonly ours: string; readonly theirs: string } {
  assert.equal(state.kind, 'comparing');
  return state.kind === 'comparing' ? state : assert.fail();
}

const wrong = (digits: string): string => digits.replace(/^./, (first) => String((Number(first) + 1) % 10));
const reasonOf = ({ state }: Side): string => (state.kind === 'over' ? state.reason : state.kind);

describe('verification by a short string (docs/protocol.md §9.6)', () => {
  it('confirms the key when each types what the other shows, spaces aside', () => {
    const [a, b] = compared();
    assert.match(digitsOf(a).ours, /^\d{6}$/);
    assert.equal(digitsOf(a).ours, digitsOf(b).theirs);
    assert.equal(digitsOf(b).ours, digitsOf(a).theirs);
    const shown = digitsOf(b).ours;
    assert.equal(reasonOf(a.type(`${shown.slice(0, 3)} ${shown.slice(3)}`)), 'confirmed');
    assert.equal(reasonOf(b.type(digitsOf(b).theirs)), 'confirmed');
    assert.deepEqual(a.state.kind === 'confirmed' && a.state.contact, bob);
  });

  it('says commit, nonce, reveal, and the nonce only once the person has answered', () => {
    const [a, b] = sides();
    a.start('v1');
    assert.equal(reasonOf(b.hear(a.sent[0])), 'asked');
    assert.equal(b.news, 1);
    assert.deepEqual(b.sent, []);
    a.hear(b.start('unused').sent[0]);
    assert.deepEqual(
      [...a.sent, ...b.sent].map(({ id, step }) => `${id} ${step}`),
      ['v1 commit', 'v1 reveal', 'v1 nonce'],
    );
  });

  it('shows other digits to the two sides when somebody stands between them with another key', () => {
    const [a] = compared();
    const middle = { jid: bob.jid, kuA: crypto.p256.generate().publicKey.bytes };
    const [deceived, attacker] = compared(alice, middle);
    assert.notEqual(digitsOf(deceived).theirs, digitsOf(a).theirs);
    assert.notEqual(digitsOf(attacker).ours, digitsOf(a).theirs);
  });

  it('ends after three wrong attempts, and not after two', () => {
    const [a] = compared();
    const right = digitsOf(a).theirs;
    a.type(wrong(right)).type('');
    assert.equal(a.state.kind === 'comparing' && a.state.attemptsLeft, 1);
    assert.equal(reasonOf(a.type(wrong(right))), 'wrong-digits');
    assert.equal(reasonOf(a.type(right)), 'wrong-digits');
  });

  it('ends when A reveals another nonce than it committed to', () => {
    const [a, b] = sides();
    b.hear(a.start('v1').sent[0]).start('unused');
    assert.equal(reasonOf(b.hear({ id: 'v1', step: 'reveal', value: crypto.randomBytes(16) })), 'false-reveal');
  });

  it('is over ten minutes after it began', () => {
    const [a, b] = sides();
    a.start('v1', 5);
    assert.equal(expired(a.state, 5 + verificationMs - 1).kind, 'committed');
    assert.equal(reasonOf(b.hear(a.sent[0], 5).start('unused', 5 + verificationMs)), 'committed');
    assert.equal(b.sent[0]?.step, 'commit');
    const late = { id: 'v1', step: 'nonce', value: crypto.randomBytes(16) } as const;
    assert.equal(reasonOf(a.hear(late, 5 + verificationMs)), 'too-late');
    assert.equal(a.sent.length, 1);
  });

  for (const [own, contact] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    it(`begins once when both begin at the same time: ${own.jid} first`, () => {
      const [first, second] = sides(own, contact);
      first.start('one');
      second.start('two');
      first.hear(second.sent[0]);
      second.hear(first.sent[0]);
      const [low, high] = own === alice ? [first, second] : [second, first];
      assert.deepEqual([low.state.kind, high.state.kind], ['committed', 'answered']);
      high.hear(low.hear(high.sent[1]).sent[1]);
      assert.equal(digitsOf(low).ours, digitsOf(high).theirs);
    });
  }

  it('ends on a step that is repeated or out of place', () => {
    const repeated: readonly [string, (a: Side, b: Side) => Side][] = [
      ['the commitment again', (a, b) => b.hear(a.sent[0])],
      ['a nonce for B', (a, b) => b.hear({ ...a.sent[0]!, step: 'nonce', value: crypto.randomBytes(16) })],
      ['the nonce again', (a, b) => a.hear(b.sent[0])],
      ['a reveal for A', (a) => a.hear(a.sent[1])],
      ['a nonce of 15 bytes', (_a, b) => b.hear({ id: 'v1', step: 'reveal', value: crypto.randomBytes(15) })],
      ['another verification meanwhile', (a, b) => b.hear({ ...a.sent[0]!, id: 'v2' })],
    ];
    for (const [what, disturb] of repeated) {
      const [a, b] = compared();
      assert.equal(reasonOf(disturb(a, b)), 'out-of-place', what);
    }
  });

  it('takes no notice of steps that are of no verification it knows', () => {
    const [a, b] = compared();
    b.hear({ id: 'other', step: 'reveal', value: crypto.randomBytes(16) });
    assert.equal(b.state.kind, 'comparing');
    const idle = new Side(a.parties).hear({ id: 'v1', step: 'nonce', value: crypto.randomBytes(16) });
    assert.deepEqual([idle.state.kind, idle.sent, idle.news], ['none', [], 0]);
  });

  it('goes on at the device that answered, and is dropped without a word at the others', () => {
    const [a, b] = sides();
    const other = new Side(b.parties);
    other.hear(a.start('v1').sent[0]);
    b.hear(a.sent[0]).start('unused');
    other.hear(a.hear(b.sent[0]).sent[1]);
    assert.equal(reasonOf(other), 'answered-elsewhere');
    assert.equal(other.news, 1);
  });

  it('takes a new beginning while nobody has answered the old one', () => {
    const [a, b] = sides();
    b.hear(a.start('v1').sent[0]);
    a.do({ kind: 'cancel' }).start('v2');
    a.hear(b.hear(a.sent[1]).start('unused').sent[0]);
    assert.equal(digitsOf(b.hear(a.sent[2])).theirs, digitsOf(a).ours);
  });
});
