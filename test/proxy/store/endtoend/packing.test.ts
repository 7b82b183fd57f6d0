import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pack, unpack } from '../../../../proxy/store/endtoend/packing.ts';

const field = fc.oneof(fc.string({ unit: 'binary' }), fc.maxSafeInteger(), fc.uint8Array({ maxLength: 300 }));
const fields = fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z]{0,9}$/), field, { maxKeys: 12 });

describe('a packed record', () => {
  it('gives every field back', () => {
    fc.assert(fc.property(fields, (record) => assert.deepEqual({ ...unpack(pack(record)) }, { ...record })));
  });

  it('leaves out what is undefined, and has 0 and 1 for false and true', () => {
    assert.deepEqual(unpack(pack({ gone: undefined, no: false, yes: true })), { no: 0, yes: 1 });
  });

  it('that is cut, longer or of other bytes is refused, and nothing else happens', () => {
    const refused = { code: 'storage-failed' };
    fc.assert(
      fc.property(fields, fc.nat(), (record, seed) => {
        const packed = pack(record);
        assert.throws(() => unpack(packed.subarray(0, seed % packed.length)), refused);
        assert.throws(() => unpack(Uint8Array.of(...packed, 0)), refused);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        assert.throws(() => unpack(Uint8Array.of(0, 0, 0, ...bytes)), refused);
      }),
    );
  });
});
