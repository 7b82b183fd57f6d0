import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { toHex } from '../../../shared/bytes.ts';
import { ratchetHeader, wrap as wrapMessage } from '../../../shared/simpp/end-to-end-messages.ts';
import { maxSkippedInStep } from '../../../shared/simpp/ratchet.ts';
import {
  maxSkippedInSession,
  prepareSending,
  sendingNumber,
  skipSending,
  withoutSkipped,
} from '../../../shared/simpp/session.ts';
import { conversation, plaintext, type End } from './conversation.ts';
import { contextOf } from './people.ts';

const crypto = nodeCrypto;

const headerOf = (wrap: Uint8Array) => ratchetHeader.decode(wrapMessage.decode(wrap).header);

/** The end as if `count` messages of its chain had been sent and lost. */
function lose(end: End, count: number): void {
  const number = sendingNumber(end.session)!;
  end.session = skipSending(crypto, end.session, number + count);
}

describe('the ratchet (docs/protocol.md §9.3)', () => {
  it('takes a new DH pair with each change of direction, and none within a chain', () => {
    const { a, b } = conversation(crypto);
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) {
      for (const [from, to] of [
        [b, a],
        [a, b],
      ] as const) {
        const wraps = [from.seal(1), from.seal(2)];
        const [dh, same] = wraps.map((wrap) => toHex(headerOf(wrap).dh));
        assert.equal(dh, same);
        assert.equal(seen.has(dh!), false);
        seen.add(dh!);
        for (const [at, wrap] of wraps.entries()) assert.deepEqual(to.open(wrap), plaintext(at + 1));
      }
    }
  });

  it('says how long the previous chain was', () => {
    const { a, b } = conversation(crypto);
    b.open(a.seal());
    a.open(b.seal());
    const { previous, number } = headerOf(a.seal());
    assert.deepEqual({ previous, number }, { previous: 2, number: 0 });
  });

  it('opens what comes out of order, over several chains, each once', () => {
    const { a, b } = conversation(crypto);
    const late = [a.seal(1), a.seal(2)];
    b.open(a.seal(3));
    a.open(b.seal());
    late.push(a.seal(4));
    b.open(a.seal(5));
    a.open(b.seal());
    b.open(a.seal(6));
    assert.equal(b.session.skippedCount, 3);
    assert.equal(b.skipped.size, 3);
    assert.deepEqual(b.open(late[2]!), plaintext(4));
    assert.deepEqual(b.open(late[0]!), plaintext(1));
    assert.deepEqual(b.open(late[1]!), plaintext(2));
    assert.equal(b.session.skippedCount, 0);
    assert.equal(b.skipped.size, 0);
    for (const wrap of late) assert.throws(() => b.open(wrap), { name: 'SimppError' });
  });

  it('opens everything once under any order and any loss', () => {
    const turn = fc.record({ isA: fc.boolean(), isLost: fc.boolean(), arriving: fc.array(fc.nat(), { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const { a, b } = conversation(crypto);
        const flying: { readonly to: End; readonly wrap: Uint8Array; readonly number: number }[] = [];
        const arrive = (at: number): void => {
          for (const { to, wrap, number } of flying.splice(at, 1)) {
            assert.deepEqual(to.open(wrap), plaintext(number));
            assert.throws(() => to.open(wrap), { name: 'SimppError' });
          }
        };
        for (const [number, { isA, isLost, arriving }] of turns.entries()) {
          const [from, to] = isA ? [a, b] : [b, a];
          const wrap = from.seal(number);
          if (!isLost) flying.push({ to, wrap, number });
          for (const place of arriving) if (flying.length > 0) arrive(place % flying.length);
        }
        while (flying.length > 0) arrive(0);
      }),
      { numRuns: 20 },
    );
  });

  it('skips 1000 messages in one step and refuses 1001', () => {
    const { a, b } = conversation(crypto);
    lose(a, maxSkippedInStep);
    assert.deepEqual(b.open(a.seal(1)), plaintext(1));
    assert.equal(b.session.skippedCount, maxSkippedInStep);
    lose(a, maxSkippedInStep);
    lose(a, 1);
    const { session } = b;
    assert.throws(() => b.open(a.seal(2)), { code: 'message-forged', message: /1000/u });
    assert.equal(b.session, session);
  });

  it('counts what is skipped of the old chain and of the new one as one step', () => {
    for (const [old, fresh, opens] of [
      [600, 400, true],
      [600, 401, false],
    ] as const) {
      const { a, b } = conversation(crypto);
      lose(a, old);
      a.open(b.seal());
      a.session = prepareSending(contextOf(crypto), a.session);
      lose(a, fresh);
      const wrap = a.seal(5);
      if (opens) assert.deepEqual(b.open(wrap), plaintext(5));
      else assert.throws(() => b.open(wrap), { code: 'message-forged', message: /1000/u });
    }
  });

  it('keeps 2000 skipped keys of a session and refuses more', () => {
    const { a, b } = conversation(crypto);
    for (let round = 0; round < 2; round++) {
      lose(a, maxSkippedInStep);
      b.open(a.seal());
    }
    assert.equal(b.session.skippedCount, maxSkippedInSession);
    assert.deepEqual(b.open(a.seal(3)), plaintext(3));
    lose(a, 1);
    const next = a.seal(4);
    assert.throws(() => b.open(next), { code: 'message-forged', message: /2000/u });
    b.session = withoutSkipped(b.session, 1);
    assert.deepEqual(b.open(next), plaintext(4));
  });

  it('refuses a header with a point off the curve, and with a step that nobody can have made', () => {
    const { a, b } = conversation(crypto);
    const wrap = wrapMessage.decode(a.seal());
    const header = ratchetHeader.decode(wrap.header);
    const off = header.dh.slice();
    off[64]! ^= 1;
    // B has sent nothing yet, so A cannot have turned.
    const other = crypto.p256.generate().publicKey.bytes;
    assert.throws(() => b.open({ ...wrap, header: ratchetHeader.encode({ ...header, dh: other }) }), {
      code: 'message-forged',
    });
    b.seal();
    assert.throws(() => b.open({ ...wrap, header: ratchetHeader.encode({ ...header, dh: off }) }), {
      code: 'invalid-point',
    });
    assert.throws(() => b.open({ ...wrap, header: ratchetHeader.encode({ ...header, dh: other }) }), {
      code: 'message-forged',
    });
    assert.deepEqual(b.open(wrap), plaintext(0));
  });

  it('never seals twice alike, even from one state: the salt is fresh', () => {
    const { a } = conversation(crypto);
    const { session } = a;
    const one = wrapMessage.decode(a.seal());
    a.session = session;
    const two = wrapMessage.decode(a.seal());
    assert.notDeepEqual(one.header, two.header);
    assert.notDeepEqual(one.sealed, two.sealed);
  });
});

describe('a sender after a crash (docs/protocol.md §9.8)', () => {
  it('goes on behind its lease, and the receiver skips the rest of it', () => {
    const { a, b } = conversation(crypto);
    const durable = a.session;
    const leasedTo = sendingNumber(durable)! + 64;
    const sent = [a.seal(1), a.seal(2)];
    a.session = skipSending(crypto, durable, leasedTo);
    assert.equal(sendingNumber(a.session), leasedTo);
    assert.equal(a.session.sentCount, durable.sentCount + 64);
    assert.deepEqual(b.open(a.seal(3)), plaintext(3));
    for (const [at, wrap] of sent.entries()) assert.deepEqual(b.open(wrap), plaintext(at + 1));
  });

  it('does not go back, and knows when a new chain is due', () => {
    const { a, b } = conversation(crypto);
    assert.equal(skipSending(crypto, a.session, 0).ratchet, a.session.ratchet);
    assert.equal(sendingNumber(b.session), undefined);
    const ready = prepareSending(contextOf(crypto), b.session);
    assert.equal(sendingNumber(ready), 0);
    assert.equal(prepareSending(contextOf(crypto), ready), ready);
    b.session = ready;
    assert.deepEqual(a.open(b.seal(1)), plaintext(1));
  });
});
