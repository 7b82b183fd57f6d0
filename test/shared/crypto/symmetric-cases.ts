// Hashes, key derivation and AES: standards' answers and refusals for every provider.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat, fromHex, toHex, utf8 } from '../../../shared/bytes.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';

const repeat = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte);
const range = (from: number, to: number): Uint8Array => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i);
const internal = { code: 'internal' };

function digestCases(crypto: Crypto): void {
  it('SHA-256: the examples of FIPS 180-4, in one part or several', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    assert.equal(toHex(crypto.sha256(utf8('abc'))), abc);
    assert.equal(toHex(crypto.sha256(utf8('a'), new Uint8Array(0), utf8('bc'))), abc);
    const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    assert.equal(toHex(crypto.sha256()), nothing);
    assert.equal(toHex(crypto.sha256(new Uint8Array(0))), nothing);
  });

  it('HMAC-SHA-256: RFC 4231 §4.2–4.4, 4.7', () => {
    const hmac = (key: Uint8Array, ...parts: Uint8Array[]): string => toHex(crypto.hmacSha256(key, ...parts));
    assert.equal(
      hmac(repeat(0x0b, 20), utf8('Hi '), utf8('There')),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    );
    assert.equal(
      hmac(utf8('Jefe'), utf8('what do ya want for nothing?')),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    assert.equal(
      hmac(repeat(0xaa, 20), repeat(0xdd, 50)),
      '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    );
    assert.equal(
      hmac(repeat(0xaa, 131), utf8('Test Using Larger Than Block-Size Key - Hash Key First')),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    );
  });

  it('HKDF-Expand: RFC 5869 A.1–A.3', () => {
    const okm = (prk: string, info: Uint8Array, length: number): string =>
      toHex(crypto.hkdfExpand(fromHex(prk), info, length));
    const prk = '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5';
    const first = '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';
    assert.equal(toHex(crypto.hmacSha256(range(0, 12), repeat(0x0b, 22))), prk, 'HKDF-Extract is an HMAC');
    assert.equal(okm(prk, range(0xf0, 0xf9), 42), first);
    assert.equal(okm(prk, range(0xf0, 0xf9), 32), first.slice(0, 64));
    assert.equal(
      okm('06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244', range(0xb0, 0xff), 82),
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
        'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    );
    assert.equal(
      okm('19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04', new Uint8Array(0), 42),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  it('HKDF: RFC 5869 A.1–A.3', () => {
    const okm = (salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): string =>
      toHex(crypto.hkdf(salt, ikm, info, length));
    assert.equal(
      okm(range(0, 12), repeat(0x0b, 22), range(0xf0, 0xf9), 42),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
    assert.equal(
      okm(range(0x60, 0xaf), range(0, 0x4f), range(0xb0, 0xff), 82),
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
        'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    );
    assert.equal(
      okm(new Uint8Array(0), repeat(0x0b, 22), new Uint8Array(0), 42),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  it('HKDF and HKDF-Expand: give up to 255 blocks and not one byte more', () => {
    const prk = repeat(1, 32);
    assert.equal(crypto.hkdfExpand(prk, prk, 0).length, 0);
    assert.equal(crypto.hkdfExpand(prk, prk, 255 * 32).length, 255 * 32);
    assert.equal(crypto.hkdf(prk, prk, prk, 0).length, 0);
    assert.equal(crypto.hkdf(prk, prk, prk, 255 * 32).length, 255 * 32);
    for (const length of [255 * 32 + 1, -1, Number.NaN]) {
      assert.throws(() => crypto.hkdf(prk, prk, prk, length), internal);
      assert.throws(() => crypto.hkdfExpand(prk, prk, length), internal);
    }
  });

  it('scrypt: RFC 7914 §12', () => {
    assert.equal(
      toHex(crypto.scrypt(new Uint8Array(0), new Uint8Array(0), { n: 16, r: 1, p: 1 }, 64)),
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    );
    assert.equal(
      toHex(crypto.scrypt(utf8('password'), utf8('NaCl'), { n: 1024, r: 8, p: 16 }, 64)),
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    );
  });

  it('gives plain random bytes of any length', () => {
    assert.equal(crypto.randomBytes(0).length, 0);
    const [one, other] = [crypto.randomBytes(32), crypto.randomBytes(32)];
    assert.equal(Object.getPrototypeOf(one), Uint8Array.prototype);
    assert.equal(one.length, 32);
    assert.notDeepEqual(one, other);
  });
}

function gcmCases({ aes256Gcm: aead }: Crypto): void {
  const none = new Uint8Array(0);

  it('AES-256-GCM: test cases 13, 14 and 16 of the GCM specification', () => {
    const zero = aead.key(repeat(0, 32));
    assert.equal(toHex(aead.seal(zero, repeat(0, 12), none, none)), '530f8afbc74536b9a963b4f1c4cb738b');
    assert.equal(
      toHex(aead.seal(zero, repeat(0, 12), none, repeat(0, 16))),
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    );
    const key = aead.key(fromHex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'));
    const nonce = fromHex('cafebabefacedbaddecaf888');
    const aad = fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const plaintext = fromHex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const sealed = aead.seal(key, nonce, aad, plaintext);
    assert.equal(
      toHex(sealed),
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b',
    );
    assert.deepEqual(aead.open(key, nonce, aad, sealed), plaintext);
  });

  it('AES-256-GCM: opens nothing that was altered, cut or lengthened', () => {
    const key = aead.key(repeat(7, 32));
    const [nonce, aad, plaintext] = [repeat(1, 12), utf8('header'), utf8('forty bytes of text, more or less, or so')];
    const sealed = aead.seal(key, nonce, aad, plaintext);
    for (let bit = 0; bit < 8 * sealed.length; bit += 5) {
      const flipped = new Uint8Array(sealed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(aead.open(key, nonce, aad, flipped), undefined, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(aead.open(key, nonce, aad, sealed.subarray(0, length)), undefined, `length ${length}`);
    }
    assert.equal(aead.open(key, nonce, aad, concat(sealed, Uint8Array.of(0))), undefined);
    assert.equal(aead.open(key, nonce, utf8('Header'), sealed), undefined);
    assert.equal(aead.open(key, repeat(2, 12), aad, sealed), undefined);
    assert.equal(aead.open(aead.key(repeat(8, 32)), nonce, aad, sealed), undefined);
  });

  it('AES-256-GCM: a key or nonce of a wrong length is a mistake of the caller', () => {
    for (const length of [0, 16, 31, 33]) assert.throws(() => aead.key(repeat(1, length)), internal);
    const key = aead.key(repeat(1, 32));
    for (const length of [0, 8, 11, 13, 16]) {
      assert.throws(() => aead.seal(key, repeat(1, length), none, none), internal);
      assert.throws(() => aead.open(key, repeat(1, length), none, repeat(0, 16)), internal);
    }
  });

  it('AES-256-GCM: keeps its own copy of the key and does not show it', () => {
    const bytes = repeat(0x5a, 32);
    const key = aead.key(bytes);
    const sealed = aead.seal(key, repeat(1, 12), none, none);
    bytes.fill(0);
    assert.deepEqual(aead.seal(key, repeat(1, 12), none, none), sealed);
    assert.deepEqual(key.bytes, repeat(0x5a, 32));
    assert.equal(JSON.stringify(key), '{}');
  });
}

function cbcCases({ aes128Cbc: cipher }: Crypto): void {
  const key = fromHex('2b7e151628aed2a6abf7158809cf4f3c');
  const iv = range(0, 15);

  it('AES-128-CBC: SP 800-38A F.2.1, and one block of padding', () => {
    const plaintext = fromHex(
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
    );
    const sealed = cipher.seal(key, iv, plaintext);
    assert.equal(
      toHex(sealed.subarray(0, 64)),
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
    );
    assert.equal(sealed.length, 80);
    assert.deepEqual(cipher.open(key, iv, sealed), plaintext);
  });

  it('AES-128-CBC: opens what it sealed, of every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (plaintext) => {
        const sealed = cipher.seal(key, iv, plaintext);
        assert.equal(sealed.length, plaintext.length + 16 - (plaintext.length % 16));
        assert.deepEqual(cipher.open(key, iv, sealed), plaintext);
      }),
      { numRuns: 40 },
    );
  });

  it('AES-128-CBC: gives undefined for wrong lengths and every wrong padding', () => {
    for (const length of [0, 1, 15, 17, 31]) assert.equal(cipher.open(key, iv, repeat(0, length)), undefined);
    // The IV of a one-block message is xored on its plaintext: this chooses the last block at will.
    const block = cipher.seal(key, repeat(0, 16), repeat(0xaa, 15)).subarray(0, 16);
    const openAs = (wanted: Uint8Array): Uint8Array | undefined => {
      const inner = concat(repeat(0xaa, 15), Uint8Array.of(1));
      return cipher.open(
        key,
        Uint8Array.from(wanted, (byte, i) => byte ^ inner[i]!),
        block,
      );
    };
    assert.deepEqual(openAs(concat(repeat(9, 12), repeat(4, 4))), repeat(9, 12));
    assert.deepEqual(openAs(repeat(16, 16)), new Uint8Array(0));
    for (const padding of [[0], [17], [255], [3, 4, 4, 4], [2, 1, 2], [1, 3, 3]]) {
      assert.equal(openAs(concat(repeat(9, 16 - padding.length), Uint8Array.from(padding))), undefined, padding.join());
    }
  });

  it('AES-128-CBC: a key or IV of a wrong length is a mistake of the caller', () => {
    for (const length of [0, 15, 17, 32]) {
      assert.throws(() => cipher.seal(repeat(1, length), iv, iv), internal);
      assert.throws(() => cipher.open(repeat(1, length), iv, iv), internal);
      assert.throws(() => cipher.seal(key, repeat(1, length), iv), internal);
      assert.throws(() => cipher.open(key, repeat(1, length), iv), internal);
    }
  });
}

/** All cases of the symmetric primitives of a provider. */
export function describeSymmetric(crypto: Crypto): void {
  digestCases(crypto);
  gcmCases(crypto);
  cbcCases(crypto);
}
