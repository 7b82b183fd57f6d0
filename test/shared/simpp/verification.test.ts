import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import { labelled } from '../../../shared/simpp/labels.ts';
import { sasCommitment, sasDigits, type SasInput } from '../../../shared/simpp/verification.ts';
import { utf8 } from '../../../shared/bytes.ts';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const input: SasInput = {
  id: 'v1',
  jidA: 'alice@example.test',
  jidB: 'bob@example.test',
  kuA: bytes(65, 1),
  kuB: bytes(65, 2),
  nA: bytes(16, 3),
  nB: bytes(16, 4),
};

describe('the digits of a verification (docs/protocol.md §9.6)', () => {
  for (const crypto of [nodeCrypto, nobleCrypto]) {
    it(`are two big-endian numbers of 8 bytes, modulo 10^6, in six digits: ${crypto.name}`, () => {
      const fields = [utf8(input.id), utf8(input.jidA), utf8(input.jidB), input.kuA, input.kuB, input.nA, input.nB];
      const s = createHash('sha256')
        .update(labelled('sas', ...fields))
        .digest();
      const number = (at: number): string => String(s.readBigUInt64BE(at) % 1_000_000n).padStart(6, '0');
      assert.deepEqual(sasDigits(crypto, input), { a: number(0), b: number(8) });
    });
  }

  it('depend on everything that both sides must agree on', () => {
    const changes: readonly Partial<SasInput>[] = [
      { id: 'v2' },
      { jidA: input.jidB, jidB: input.jidA },
      { kuA: bytes(65, 9) },
      { kuB: bytes(65, 9) },
      { nA: bytes(16, 9) },
      { nB: bytes(16, 9) },
    ];
    const digits = sasDigits(nodeCrypto, input);
    for (const change of changes) assert.notDeepEqual(sasDigits(nodeCrypto, { ...input, ...change }), digits);
  });

  it('are committed to by a labelled hash of A’s nonce', () => {
    const expected = createHash('sha256').update(labelled('sas-commit', input.nA)).digest();
    assert.deepEqual(Buffer.from(sasCommitment(nodeCrypto, input.nA)), expected);
  });
});
