// Every declared message, and encodings that must be refused.
import { fromHex, toHex } from '../../../shared/bytes.ts';
import type { FieldSpec } from '../../../shared/codec/field.ts';
import { SimppError } from '../../../shared/errors.ts';
import { declared, declaredClassic, type Declared } from '../../docs/tables.ts';
import { bytesOf, digestOf, fixedBytes, hex, textOf, type Json, type Values, type VectorKind } from '../vector.ts';

const all: readonly Declared[] = [...declared, ...declaredClassic];

function messageNamed(name: string): Declared {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no message is called ${name}`);
  return found;
}

/** A field's value as a vector shows it: bytes in hex. */
function toJson(spec: FieldSpec, value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value) && spec.type === 'list') return value.map((item) => toJson(spec.item, item));
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError('a field holds something unknown');
}

function fromJson(spec: FieldSpec, value: Json | undefined): unknown {
  if (spec.type === 'list') return (value as readonly Json[]).map((item) => fromJson(spec.item, item));
  if (spec.type !== 'fixed' && spec.type !== 'bytes' && spec.type !== 'rest') return value;
  if (typeof value !== 'string') throw new TypeError('a vector writes bytes in hex');
  return fromHex(value);
}

function sample(spec: FieldSpec, name: string): Json {
  switch (spec.type) {
    case 'uint':
      return Math.min(spec.max, 0x0102030405);
    case 'fixed':
      return hex(fixedBytes(name, spec.length));
    case 'rest':
      return hex(fixedBytes(name, spec.min)); // at its shortest, so that a byte less shows
    case 'bytes':
      return hex(fixedBytes(name, Math.max(spec.min, Math.min(spec.max, 40))));
    case 'text':
      return 'älice@example.test';
    case 'list':
      return [sample(spec.item, `${name} 0`), sample(spec.item, `${name} 1`)];
  }
}

const sampleOf = (message: Declared): Values =>
  Object.fromEntries(
    Object.entries(message.fields).map(([field, { spec }]) => [field, sample(spec, `${message.name} ${field}`)]),
  );

function encode(message: Declared, values: Values): Uint8Array {
  return message.encode(
    Object.fromEntries(
      Object.entries(message.fields).map(([field, { spec }]) => [field, fromJson(spec, values[field])]),
    ),
  );
}

/** An encoding of the message with this name, for cases that need any. */
export const sampleOfMessage = (name: string): Uint8Array => encode(messageNamed(name), sampleOf(messageNamed(name)));

function decode(message: Declared, encoded: Uint8Array): Values {
  const values = message.decode(encoded) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(message.fields).map(([field, { spec }]) => [field, toJson(spec, values[field])]),
  );
}

export const messages: VectorKind = {
  file: 'messages',
  about: 'Every declared message: the encoding of the values, which decodes to the same values.',
  section: '2.2, 5.3, 8, 10.1',
  inputs: all.map((message) => ({
    name: message.name,
    inputs: { message: message.name, values: sampleOf(message) },
  })),
  derive(inputs) {
    const message = messageNamed(textOf(inputs, 'message'));
    const encoded = encode(message, inputs['values'] as Values);
    if (JSON.stringify(decode(message, encoded)) !== JSON.stringify(inputs['values'])) {
      throw new Error('a decoded message differs from what was encoded');
    }
    return { encoded: hex(encoded) };
  },
};

const endsInRest = ({ fields }: Declared): boolean => Object.values(fields).at(-1)?.spec.type === 'rest';

function refusals(): { name: string; inputs: Values }[] {
  const cases: { name: string; inputs: Values }[] = [];
  const add = (message: Declared, what: string, encoded: Uint8Array): void => {
    cases.push({ name: `${message.name}: ${what}`, inputs: { message: message.name, encoded: hex(encoded) } });
  };
  for (const message of all) {
    const good = encode(message, sampleOf(message));
    add(message, 'another tag', good.with(0, 0x7f));
    // What trails where the last field takes the rest belongs to it.
    if (!endsInRest(message)) add(message, 'one byte trails', Uint8Array.of(...good, 0));
    if (good.length > 1) add(message, 'the last byte is missing', good.subarray(0, -1));
    add(message, 'nothing', new Uint8Array(0));
  }
  const s1 = messageNamed('S1');
  const good = encode(s1, sampleOf(s1));
  add(s1, 'an empty ID_A', Uint8Array.of(good[0]!, 0, 0, ...good.subarray(22)));
  add(s1, 'ID_A is not UTF-8', good.with(3, 0xff));
  add(s1, 'a list version above 2^53 - 1', good.with(good.length - 16, 0x20));
  const list = messageNamed('DeviceListBody');
  const listBytes = encode(list, sampleOf(list));
  add(list, 'more items announced than follow', listBytes.with(listBytes.length - 65, 3));
  const identity = messageNamed('Identity');
  const identityBytes = encode(identity, sampleOf(identity));
  add(identity, 'a status that does not exist', identityBytes.with(identityBytes.length - 17, 3));
  return cases;
}

export const malformed: VectorKind = {
  file: 'malformed-messages',
  about: 'Encodings that must be refused. The digest covers the inputs, so that a changed case is noticed.',
  section: '2.2',
  inputs: refusals(),
  derive(inputs) {
    try {
      messageNamed(textOf(inputs, 'message')).decode(bytesOf(inputs, 'encoded'));
    } catch (error) {
      if (error instanceof SimppError) return { refused: error.code, digest: digestOf(inputs) };
      throw error;
    }
    throw new Error('a malformed message was accepted');
  },
};
