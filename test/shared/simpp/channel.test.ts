import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat, utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { Channel, type ChannelEvent } from '../../../shared/simpp/channel.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { classicSession } from '../../../shared/simpp/classic/cipher.ts';
import { enrolRefused, goodbye } from '../../../shared/simpp/control.ts';
import type { Session } from '../../../shared/simpp/handshake.ts';
import { gcmProtection, type Protection } from '../../../shared/simpp/protection.ts';
import { maxPlaintextBytes, RecordOpener, RecordSealer, recordsPerKey } from '../../../shared/simpp/records.ts';

const simpp2Session = (): Session => ({
  kAS: new Uint8Array(32).fill(1),
  binding: new Uint8Array(32),
  client: gcmProtection(crypto, new Uint8Array(32).fill(2)),
  gateway: gcmProtection(crypto, new Uint8Array(32).fill(3)),
});
const sessions = {
  'simpp-2': simpp2Session,
  classic: () => classicSession(crypto, systemEntropy(crypto), new Uint8Array(16).fill(4)),
} as const;

function drain(channel: Channel): ChannelEvent[] {
  const events: ChannelEvent[] = [];
  for (let event = channel.next(); event !== undefined; event = channel.next()) events.push(event);
  return events;
}

const received = (events: readonly ChannelEvent[]): Uint8Array =>
  concat(...events.map((event) => (event.kind === 'data' ? event.bytes : new Uint8Array(0))));

for (const [name, session] of Object.entries(sessions)) {
  describe(`a channel of profile ${name} (docs/protocol.md §7)`, () => {
    const pair = (): readonly [Channel, Channel] => {
      const made = session();
      return [new Channel(made, 'client'), new Channel(made, 'gateway')];
    };

    it('delivers what was sent, however the bytes are cut on the way', () => {
      const sizes = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 4 });
      fc.assert(
        fc.property(sizes, fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }), (lengths, cuts) => {
          const [a, s] = pair();
          const sent = lengths.map((length, n) => new Uint8Array(length).fill(n + 1));
          const wire = concat(...sent.map((data) => a.sealData(data)));
          const events: ChannelEvent[] = [];
          for (let at = 0, n = 0; at < wire.length; n++) {
            const end = at + cuts[n % cuts.length]!;
            s.push(wire.subarray(at, end));
            events.push(...drain(s));
            at = end;
          }
          assert.deepEqual(received(events), concat(...sent));
        }),
        { numRuns: 40 },
      );
    });

    it('delivers byte by byte what it delivers at once', () => {
      const [a, s] = pair();
      const events: ChannelEvent[] = [];
      for (const byte of concat(a.sealData(utf8('hello')), a.sealData(utf8(' world')), a.sealClose())) {
        s.push(Uint8Array.of(byte));
        events.push(...drain(s));
      }
      assert.deepEqual(received(events), utf8('hello world'));
      assert.deepEqual(events.at(-1), { kind: 'closed' });
    });

    it('dies at the first flipped bit, wherever it is, and delivers nothing of that record or later', () => {
      const length = session().client.sealedLength(4) + 3;
      for (let bit = 0; bit < length * 8; bit += 3) {
        const [a, s] = pair();
        const good = a.sealData(utf8('good'));
        const bad = a.sealData(utf8('evil'));
        const flipped = bad.with(bit >> 3, bad[bit >> 3]! ^ (1 << (bit & 7)));
        s.push(concat(good, flipped, a.sealData(new Uint8Array(maxPlaintextBytes)), new Uint8Array(20_000)));
        assert.deepEqual(s.next(), { kind: 'data', bytes: utf8('good') });
        assert.throws(() => s.next(), { code: 'record-forged' });
        assert.throws(() => s.next(), { code: 'record-forged' });
      }
    });

    it('refuses replayed, reordered, missing and reflected records', () => {
      const attacks: ((records: readonly Uint8Array[]) => readonly Uint8Array[])[] = [
        ([one]) => [one!, one!],
        ([one, two]) => [two!, one!],
        ([, two]) => [two!],
      ];
      for (const attack of attacks) {
        const [a, s] = pair();
        s.push(concat(...attack([a.sealData(utf8('1')), a.sealData(utf8('2'))])));
        assert.throws(() => drain(s), { code: 'record-forged' });
      }
      const [a] = pair();
      a.push(a.sealData(utf8('mine')));
      assert.throws(() => drain(a), { code: 'record-forged' });
    });

    it('refuses a record that announces more than 16 KiB before it has arrived', () => {
      const [, s] = pair();
      s.push(Uint8Array.of(1, 0xff, 0xff));
      assert.throws(() => s.next(), { code: 'record-forged' });
    });

    it('says that it was cut when the connection ends without a close record', () => {
      const [a, s] = pair();
      s.push(a.sealData(utf8('half a st')));
      drain(s);
      assert.throws(() => s.end(), { code: 'channel-truncated' });
      s.push(a.sealClose());
      drain(s);
      s.end();
    });

    it('refuses bytes behind the close record', () => {
      const [a, s] = pair();
      s.push(concat(a.sealClose(), a.sealData(utf8('late'))));
      assert.throws(() => drain(s), { code: 'record-forged' });
    });

    it('carries control messages beside the data, in order, and padded', () => {
      const [a, s] = pair();
      const data = s.sealData(utf8('x'));
      const refusal = s.sealControl(enrolRefused.encode({}));
      const farewell = s.sealControl(goodbye.encode({ reason: 3, text: 'The gateway stops.' }));
      assert.equal(refusal.length, farewell.length);
      a.push(concat(data, refusal, farewell));
      assert.deepEqual(drain(a), [
        { kind: 'data', bytes: utf8('x') },
        { kind: 'control', control: { name: 'EnrolRefused', values: {} } },
        { kind: 'control', control: { name: 'Goodbye', values: { reason: 3, text: 'The gateway stops.' } } },
      ]);
    });
  });
}

describe('the keys of a channel of simpp-2', () => {
  it('cost at most 32 bytes a record', () => {
    const channel = new Channel(simpp2Session(), 'client');
    assert(channel.sealData(new Uint8Array(100)).length - 100 <= 32);
  });

  it('change at once, and for both ends alike, when K_AS of an enrolment is mixed in', () => {
    const session = simpp2Session();
    const [a, s] = [new Channel(session, 'client'), new Channel(session, 'gateway')];
    s.push(a.sealData(utf8('before')));
    assert.equal(drain(s).length, 1);
    a.mixSending(session.kAS);
    s.mixReceiving(session.kAS);
    s.push(a.sealData(utf8('after')));
    assert.deepEqual(drain(s), [{ kind: 'data', bytes: utf8('after') }]);
    s.mixReceiving(session.kAS);
    s.push(a.sealData(utf8('only one end mixed')));
    assert.throws(() => drain(s), { code: 'record-forged' });
  });

  it('change after 2^20 records, in step, and never use a number twice under one key', () => {
    // A protection that shows key and number instead of encrypting: 2^20 AEADs would take seconds.
    const plain = (key: number): Protection => ({
      sealedLength: (length) => length,
      seal: (counter) => Uint8Array.of(key, counter >> 16, (counter >> 8) & 0xff, counter & 0xff),
      open: (counter, _header, sealed) =>
        counter === sealed[1]! * 65_536 + sealed[2]! * 256 + sealed[3]! && sealed[0] === key ? sealed : undefined,
      rekeyed: () => plain(key + 1),
      mixed: () => plain(key + 100),
    });
    const sealer = new RecordSealer(plain(0));
    const opener = new RecordOpener(plain(0));
    const four = new Uint8Array(4);
    let last: Uint8Array | undefined;
    for (let n = 0; n <= recordsPerKey; n++) {
      opener.push(sealer.seal('data', four));
      last = opener.next()!.plaintext;
      if (n === recordsPerKey - 1) assert.deepEqual(last, Uint8Array.of(0, 15, 255, 255));
    }
    assert.deepEqual(last, Uint8Array.of(1, 0, 0, 0));
  }).timeout(20_000);
});
