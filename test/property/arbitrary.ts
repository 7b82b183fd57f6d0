// Generators of messages, made from their declarations.
import fc from 'fast-check';
import type { FieldSpec } from '../../shared/codec/field.ts';
import type { Declared } from '../docs/tables.ts';

const bytes = (min: number, max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: min, maxLength: max });

/** Any value that a field can hold; long ones are kept short enough to be many. */
function field(spec: FieldSpec): fc.Arbitrary<unknown> {
  switch (spec.type) {
    case 'uint':
      return fc.oneof(fc.integer({ min: 0, max: Math.min(spec.max, 0xffff) }), fc.constant(spec.max), fc.constant(0));
    case 'fixed':
      return bytes(spec.length, spec.length);
    case 'bytes':
    case 'rest':
      return bytes(spec.min, Math.min(spec.max, spec.min + 300));
    case 'text':
      return fc
        .string({ unit: 'grapheme', minLength: spec.min, maxLength: 60 })
        .filter((text) => text.length >= spec.min && Buffer.byteLength(text) <= spec.max);
    case 'list':
      return fc.array(field(spec.item), { minLength: spec.min, maxLength: Math.min(spec.max, 5) });
  }
}

/** Any values of a message. */
export function valuesOf(message: Declared): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.record(Object.fromEntries(Object.entries(message.fields).map(([name, { spec }]) => [name, field(spec)])), {
    noNullPrototype: true,
  });
}
