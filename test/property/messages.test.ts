import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SimppError } from '../../shared/errors.ts';
import { declared, declaredClassic } from '../docs/tables.ts';
import { valuesOf } from './arbitrary.ts';

describe('every declared message', () => {
  for (const message of [...declared, ...declaredClassic]) {
    it(`${message.name} decodes to what was encoded, and in no other way`, () => {
      fc.assert(
        fc.property(valuesOf(message), fc.nat(), fc.integer({ min: 1, max: 255 }), (values, place, change) => {
          const encoded = message.encode(values);
          assert.deepEqual({ ...(message.decode(encoded) as object) }, values);
          // Canonical: a changed encoding is refused or means something else.
          const at = place % encoded.length;
          const changed = encoded.with(at, encoded[at]! ^ change);
          const decoded = tryDecode(() => message.decode(changed));
          if (decoded !== undefined) {
            assert.notDeepEqual(decoded, message.decode(encoded));
            assert.deepEqual(message.encode(decoded), changed);
          }
        }),
        { numRuns: 60 },
      );
    });

    // What is cut off there, or trails, makes another value of the last field.
    const endsInRest = Object.values(message.fields).at(-1)?.spec.type === 'rest';

    it(`${message.name} refuses every truncation and any trailing byte${endsInRest ? ', or reads another rest' : ''}`, () => {
      fc.assert(
        fc.property(valuesOf(message), fc.integer({ min: 0, max: 255 }), (values, extra) => {
          const encoded = message.encode(values);
          const cuts =
            encoded.length < 200 ? Array.from(encoded.keys()) : [0, 1, encoded.length >> 1, encoded.length - 1];
          const longest = Uint8Array.of(...encoded, extra);
          for (const changed of [...cuts.map((end) => encoded.subarray(0, end)), longest]) {
            const decoded = tryDecode(() => message.decode(changed));
            if (endsInRest && decoded !== undefined) assert.deepEqual(message.encode(decoded), changed);
            else assert.equal(decoded, undefined);
          }
        }),
        { numRuns: 10 },
      );
    });
  }

  it('refuses random bytes with a SimppError and nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...declared, ...declaredClassic),
        fc.uint8Array({ maxLength: 400 }),
        (message, noise) => {
          tryDecode(() => message.decode(noise));
          tryDecode(() => message.decode(Uint8Array.of(message.tag, ...noise)));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function tryDecode(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    assert(error instanceof SimppError && error.code === 'malformed-message', String(error));
    return undefined;
  }
}
