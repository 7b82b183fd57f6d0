// Verification by a short string (docs/protocol.md §9.6).
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { sasCommitment, sasDigits } from '../../../shared/simpp/verification.ts';
import { bytesOf, fixedBytes, hex, textOf, type Values, type VectorKind } from '../vector.ts';

const point = (name: string): string => hex(crypto.p256.privateKey(fixedBytes(name, 32)).publicKey.bytes);

const alice: Values = {
  id: 'v1',
  jidA: 'alice@example.test',
  jidB: 'bürger@bücher.example',
  kuA: point('KR_A'),
  kuB: point('KR_A of bob'),
  nA: hex(fixedBytes('n_A', 16)),
  nB: hex(fixedBytes('n_B', 16)),
};

export const verifications: VectorKind = {
  file: 'verifications',
  about: "A's commitment, and the digits that A and B show, with leading zeros.",
  section: '9.6',
  inputs: [
    { name: 'alice begins', inputs: alice },
    { name: 'digits with leading zeros', inputs: { ...alice, id: 'v1421' } },
  ],
  derive(inputs) {
    const digits = sasDigits(crypto, {
      id: textOf(inputs, 'id'),
      jidA: textOf(inputs, 'jidA'),
      jidB: textOf(inputs, 'jidB'),
      kuA: bytesOf(inputs, 'kuA'),
      kuB: bytesOf(inputs, 'kuB'),
      nA: bytesOf(inputs, 'nA'),
      nB: bytesOf(inputs, 'nB'),
    });
    return {
      commitment: hex(sasCommitment(crypto, bytesOf(inputs, 'nA'))),
      shownByA: digits.a,
      shownByB: digits.b,
    };
  },
};
