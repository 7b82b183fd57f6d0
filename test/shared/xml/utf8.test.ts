import assert from 'node:assert/strict';
import { SimppError } from '../../../shared/errors.ts';
import { decode, sequenceLength } from '../../../shared/xml/utf8.ts';

/** What a strict decoder says about the character that fills the bytes. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    const text = decode(bytes);
    return [...text].length === 1 ? text : undefined;
  } catch {
    return undefined;
  }
}

function lengthOf(bytes: Uint8Array, end: number): number | string {
  try {
    return sequenceLength(bytes, 0, end);
  } catch (thrown) {
    return thrown instanceof SimppError ? thrown.code : 'foreign error';
  }
}

describe('UTF-8 on bytes', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  it('agrees with a decoder on every lead byte with every kind of continuation', () => {
    const kinds = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbe, 0xbf, 0xc0];
    const bytes = new Uint8Array(4);
    let characters = 0;
    for (let lead = 0x80; lead < 0x100; lead++) {
      const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      for (let mixed = 0; mixed < kinds.length ** (size - 1); mixed++) {
        bytes[0] = lead;
        for (let i = 1, rest = mixed; i < size; i++, rest = Math.floor(rest / kinds.length)) {
          bytes[i] = kinds[rest % kinds.length]!;
        }
        const text = decoded(bytes.subarray(0, size));
        if (text !== undefined) characters++;
        const isNoCharacter = text === '\ufffe' || text === '\uffff';
        const expected = text === undefined ? 'invalid-encoding' : isNoCharacter ? 'not-well-formed' : size;
        assert.equal(lengthOf(bytes, size), expected, bytes.join(' '));
      }
    }
    assert.ok(characters > 500, 'the kinds of continuation reach valid characters too');
  });

  it('asks for more bytes only while what is there can become a character', () => {
    const smile = Uint8Array.of(0xf0, 0x9f, 0x98, 0x80);
    assert.deepEqual(
      [1, 2, 3, 4].map((end) => lengthOf(smile, end)),
      [0, 0, 0, 4],
    );
    assert.equal(lengthOf(Uint8Array.of(0xc0), 1), 'invalid-encoding');
    assert.equal(lengthOf(Uint8Array.of(0xe0, 0x80), 2), 'invalid-encoding');
    assert.equal(lengthOf(Uint8Array.of(0xf0, 0x9f, 0x41), 3), 'invalid-encoding');
  });
});
