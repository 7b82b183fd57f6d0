// Fields of messages. A field is one value that writes, reads, and describes
// itself; the description (`spec`) drives the documentation and the generators
// of the property tests, so nothing about a message is said twice.
import { fromUtf8, utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What a field holds, as data. Lengths are in bytes, counts in items. */
export type FieldSpec =
  | { readonly type: 'uint'; readonly bytes: 1 | 2 | 4 | 8; readonly max: number }
  | { readonly type: 'fixed'; readonly length: number }
  | { readonly type: 'bytes'; readonly min: number; readonly max: number }
  | { readonly type: 'text'; readonly min: number; readonly max: number }
  | { readonly type: 'rest'; readonly min: number; readonly max: number }
  | { readonly type: 'list'; readonly item: FieldSpec; readonly min: number; readonly max: number };

/** One field of a message: its encoder, its decoder, its description. */
export interface Field<T> {
  readonly spec: FieldSpec;
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

function inRange(value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new SimppError('malformed-message', `a value of ${value} is not within ${min}..${max}`);
  }
}

/** Big-endian unsigned integer; `u64` is limited to 2^53 - 1. */
function uint(bytes: 1 | 2 | 4 | 8, max: number): Field<number> {
  return {
    spec: { type: 'uint', bytes, max },
    write(writer, value) {
      inRange(value, 0, max);
      writer.uint(value, bytes);
    },
    read(reader) {
      const value = reader.uint(bytes);
      inRange(value, 0, max);
      return value;
    },
  };
}

/** One byte, optionally with a maximum below 255. */
export const u8 = (max = 0xff): Field<number> => uint(1, max);
/** Four bytes, optionally with a maximum below 2^32 - 1. */
export const u32 = (max = 0xffff_ffff): Field<number> => uint(4, max);
/** Eight bytes, values up to 2^53 - 1. */
export const u64: Field<number> = uint(8, Number.MAX_SAFE_INTEGER);

/** Exactly `length` bytes, without a prefix. */
export function fixed(length: number): Field<Uint8Array> {
  return {
    spec: { type: 'fixed', length },
    write(writer, value) {
      inRange(value.length, length, length);
      writer.put(value);
    },
    read: (reader) => reader.take(length),
  };
}

/** A byte string with a two-byte length before it. */
export function bytes(min: number, max: number): Field<Uint8Array> {
  return {
    spec: { type: 'bytes', min, max },
    write(writer, value) {
      inRange(value.length, min, max);
      writer.uint(value.length, 2);
      writer.put(value);
    },
    read(reader) {
      const length = reader.uint(2);
      inRange(length, min, max);
      return reader.take(length);
    },
  };
}

/** All that is left of the message, without a length: only as the last field. */
export function rest(min: number, max: number): Field<Uint8Array> {
  return {
    spec: { type: 'rest', min, max },
    write(writer, value) {
      inRange(value.length, min, max);
      writer.put(value);
    },
    read(reader) {
      inRange(reader.remaining, min, max);
      return reader.take(reader.remaining);
    },
  };
}

/** Valid UTF-8 with its length in bytes, in two bytes, before it. */
export function text(min: number, max: number): Field<string> {
  const inner = bytes(min, max);
  return {
    spec: { type: 'text', min, max },
    write(writer, value) {
      // A lone surrogate would be written as U+FFFD: two texts, one encoding.
      if (!value.isWellFormed()) throw new SimppError('malformed-message', 'a text is not well-formed Unicode');
      inner.write(writer, utf8(value));
    },
    read(reader) {
      const encoded = inner.read(reader);
      try {
        return fromUtf8(encoded);
      } catch (error) {
        throw new SimppError('malformed-message', 'a text is not valid UTF-8', { cause: error });
      }
    },
  };
}

/** Items with their count, in two bytes, before them. */
export function list<T>(item: Field<T>, min: number, max: number): Field<readonly T[]> {
  return {
    spec: { type: 'list', item: item.spec, min, max },
    write(writer, values) {
      inRange(values.length, min, max);
      writer.uint(values.length, 2);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const count = reader.uint(2);
      inRange(count, min, max);
      return Array.from({ length: count }, () => item.read(reader));
    },
  };
}
