// The two providers against each other: equal where results are
// deterministic, each accepting the other's work where they are not.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { concat, fromHex } from '../../../shared/bytes.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { curves, withOtherS } from '../../shared/crypto/curve-cases.ts';

const runs = (numRuns: number): { readonly numRuns: number } => ({ numRuns });
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.uint8Array({ maxLength: 300 });
const providers = [
  [nodeCrypto, nobleCrypto],
  [nobleCrypto, nodeCrypto],
] as const;

describe('node:crypto and noble', () => {
  for (const [name, parameters] of curves) {
    const [node, noble] = [nodeCrypto[name], nobleCrypto[name]];
    // Masked below n: the first byte of secp160r1's order is 1, that of the others 0xff.
    const scalar = bytes(parameters.scalarBytes).map((secret) => {
      secret[0]! &= parameters.n[0]! >> 1;
      secret[secret.length - 1]! |= 1;
      return secret;
    });

    it(`${node.name}: the same public key, the same ECDH, with each other's handles`, () => {
      fc.assert(
        fc.property(scalar, scalar, (a, b) => {
          const [nodeA, nobleA] = [node.privateKey(a), noble.privateKey(a)];
          const [nodeB, nobleB] = [node.privateKey(b), noble.privateKey(b)];
          assert.deepEqual(nodeA.publicKey.bytes, nobleA.publicKey.bytes);
          const agreed = node.agree(nodeA, nodeB.publicKey);
          assert.deepEqual(noble.agree(nobleA, nobleB.publicKey), agreed);
          assert.deepEqual(node.agree(nobleA, nobleB.publicKey), agreed);
          assert.deepEqual(noble.agree(nodeA, nodeB.publicKey), agreed);
        }),
        runs(8),
      );
    });

    it(`${node.name}: each verifies the other's signatures, and neither a high s that OpenSSL itself accepts`, () => {
      fc.assert(
        fc.property(scalar, text, (secret, message) => {
          const key = node.privateKey(secret);
          const foreign = noble.privateKey(secret);
          const openSslKey = createPublicKey({
            key: spki(parameters.name, key.publicKey.bytes),
            format: 'der',
            type: 'spki',
          });
          for (const signature of [
            node.sign(key, message),
            noble.sign(foreign, message),
            node.sign(foreign, message),
          ]) {
            const high = withOtherS(parameters, signature);
            for (const curve of [node, noble]) {
              for (const { publicKey } of [key, foreign]) {
                assert.equal(curve.verify(publicKey, message, signature), true);
                assert.equal(curve.verify(publicKey, message, high), false);
              }
            }
            assert.ok(verify('sha256', message, { key: openSslKey, dsaEncoding: 'ieee-p1363' }, high), 'the control');
          }
        }),
        runs(6),
      );
    });
  }

  it('ML-KEM-768: the same key of a seed, each decapsulates for the other, and both reject alike', () => {
    fc.assert(
      fc.property(bytes(64), bytes(1088), (seed, junk) => {
        for (const [one, other] of providers) {
          const [key, foreign] = [one.mlKem768.decapsulationKey(seed), other.mlKem768.decapsulationKey(seed)];
          assert.deepEqual(key.encapsulationKey.bytes, foreign.encapsulationKey.bytes);
          assert.deepEqual(key.seed, foreign.seed);
          for (const ek of [key.encapsulationKey, foreign.encapsulationKey]) {
            const { ciphertext, secret } = one.mlKem768.encapsulate(ek);
            assert.deepEqual(other.mlKem768.decapsulate(foreign, ciphertext), secret);
            assert.deepEqual(other.mlKem768.decapsulate(key, ciphertext), secret, "another's handle");
          }
          assert.deepEqual(one.mlKem768.decapsulate(key, junk), other.mlKem768.decapsulate(foreign, junk));
        }
      }),
      runs(4),
    );
  });

  it('the same AES-256-GCM, also with each other’s handles', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), text, text, (secret, nonce, aad, plaintext) => {
        const [own, foreign] = [nodeCrypto.aes256Gcm.key(secret), nobleCrypto.aes256Gcm.key(secret)];
        const sealed = nodeCrypto.aes256Gcm.seal(own, nonce, aad, plaintext);
        assert.deepEqual(nobleCrypto.aes256Gcm.seal(foreign, nonce, aad, plaintext), sealed);
        assert.deepEqual(nodeCrypto.aes256Gcm.open(foreign, nonce, aad, sealed), plaintext);
        assert.deepEqual(nobleCrypto.aes256Gcm.open(own, nonce, aad, sealed), plaintext);
      }),
      runs(30),
    );
  });

  it('the same AES-128-CBC, also in what it refuses', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), text, fc.nat(5), bytes(16), (key, iv, plaintext, blocks, junk) => {
        const sealed = nodeCrypto.aes128Cbc.seal(key, iv, plaintext);
        assert.deepEqual(nobleCrypto.aes128Cbc.seal(key, iv, plaintext), sealed);
        assert.deepEqual(nobleCrypto.aes128Cbc.open(key, iv, sealed), plaintext);
        const altered = concat(sealed.subarray(0, 16 * blocks), junk);
        assert.deepEqual(nodeCrypto.aes128Cbc.open(key, iv, altered), nobleCrypto.aes128Cbc.open(key, iv, altered));
      }),
      runs(60),
    );
  });

  it('the same hashes, MACs and derived keys', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), text, fc.nat(200), (parts, key, length) => {
        assert.deepEqual(nodeCrypto.sha256(...parts), nobleCrypto.sha256(...parts));
        assert.deepEqual(nodeCrypto.hmacSha256(key, ...parts), nobleCrypto.hmacSha256(key, ...parts));
        assert.deepEqual(nodeCrypto.hkdfExpand(key, key, length), nobleCrypto.hkdfExpand(key, key, length));
        const [salt = key, ikm = key, info = key] = parts;
        assert.deepEqual(nodeCrypto.hkdf(salt, ikm, info, length), nobleCrypto.hkdf(salt, ikm, info, length));
      }),
      runs(40),
    );
  });

  it('the same scrypt, up to the cost of a recovery phrase (N = 2^17, r = 8)', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        (password, salt, log, r) => {
          const cost = { n: 2 ** log, r, p: 5 - r };
          assert.deepEqual(nodeCrypto.scrypt(password, salt, cost, 40), nobleCrypto.scrypt(password, salt, cost, 40));
        },
      ),
      runs(10),
    );
    const [password, salt] = [Uint8Array.of(1), Uint8Array.of(2)];
    assert.equal(nodeCrypto.scrypt(password, salt, { n: 2 ** 17, r: 8, p: 1 }, 32).length, 32);
  }).timeout(10_000);
});

/** SubjectPublicKeyInfo written out, independent of the provider's own. */
function spki(name: string, point: Uint8Array): Buffer {
  const prefix = {
    'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    'P-224': '304e301006072a8648ce3d020106052b81040021033a00',
    secp160r1: '303e301006072a8648ce3d020106052b81040008032a00',
  }[name];
  assert.ok(prefix);
  return Buffer.concat([fromHex(prefix), point]);
}
