import assert from 'node:assert/strict';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { toHex } from '../../../shared/bytes.ts';
import { transcriptHash, type SessionTranscript } from '../../../shared/simpp/session-transcript.ts';

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

const a = { jid: 'a@x', kuA: bytes(65, 1), certificateName: bytes(32, 2), listVersion: 3 };
const b = { jid: 'b@x', kuA: bytes(65, 4), certificateName: bytes(32, 5), listVersion: 6 };
const prekey = { id: 7, issued: 8, gY: bytes(65, 9), ek: bytes(1184, 10) };
const oneTime = { id: 11, key: bytes(65, 12) };
const transcript: SessionTranscript = { a, b, gX: bytes(65, 13), prekey, oneTime, ct: bytes(1088, 14) };

describe('the transcript TH (docs/protocol.md §9.2)', () => {
  it('is another one when anything that both must agree on is', () => {
    const other = bytes(65, 99);
    const changed: readonly SessionTranscript[] = [
      transcript,
      ...[a, b].flatMap((party) =>
        [{ jid: 'c@x' }, { kuA: other }, { certificateName: bytes(32, 99) }, { listVersion: 99 }].map((change) =>
          party === a ? { ...transcript, a: { ...a, ...change } } : { ...transcript, b: { ...b, ...change } },
        ),
      ),
      ...[{ id: 99 }, { issued: 99 }, { gY: other }, { ek: bytes(1184, 99) }].map((change) => ({
        ...transcript,
        prekey: { ...prekey, ...change },
      })),
      ...[undefined, { ...oneTime, id: 99 }, { ...oneTime, key: other }].map((change) => ({
        ...transcript,
        oneTime: change,
      })),
      { ...transcript, a: b, b: a },
      { ...transcript, gX: other },
      { ...transcript, ct: bytes(1088, 99) },
    ];
    const hashes = changed.map((each) => toHex(transcriptHash(nodeCrypto, each)));
    assert.equal(new Set(hashes).size, changed.length);
  });
});
