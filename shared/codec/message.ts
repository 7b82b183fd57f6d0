// Declares messages: a tag, then the fields in order, then nothing. One
// declaration gives the type, the encoder, the decoder, and (by its fields'
// specs) the generator of the property tests and the row in docs/protocol.md.
import { SimppError } from '../errors.ts';
import type { Field } from './field.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

type Fields = Readonly<Record<string, Field<unknown>>>;
type Values<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** A declared message; `tag` is the first byte of its encoding and unique among all messages. */
export interface Message<N extends string, V> {
  readonly name: N;
  readonly tag: number;
  readonly fields: Fields;
  encode(values: V): Uint8Array;
  /** Throws SimppError('malformed-message') for anything but one whole canonical encoding. */
  decode(encoded: Uint8Array): V;
}

/** The values of a declared message. */
export type ValuesOf<M> = M extends Message<string, infer V> ? V : never;

/** Declares a message. Field order is encoding order. */
export function message<N extends string, F extends Fields>(name: N, tag: number, fields: F): Message<N, Values<F>> {
  const entries: readonly [string, Field<unknown>][] = Object.entries(fields);
  return {
    name,
    tag,
    fields,
    encode(values) {
      const writer = new Writer();
      writer.uint(tag, 1);
      for (const [key, field] of entries) field.write(writer, values[key]);
      return writer.end();
    },
    decode(encoded) {
      const reader = new Reader(encoded);
      if (reader.uint(1) !== tag) throw new SimppError('malformed-message', `this is not a message ${name}`);
      const values: Record<string, unknown> = {};
      for (const [key, field] of entries) values[key] = field.read(reader);
      reader.end();
      // Each entry was read by the field of the same key.
      return values as Values<F>;
    },
  };
}

/** Any declared message, as far as choosing among several needs it. */
interface AnyMessage {
  readonly name: string;
  readonly tag: number;
  decode(encoded: Uint8Array): unknown;
}

/** A decoded member of a choice of messages. */
export type Chosen<M> = M extends Message<infer N, infer V> ? { readonly name: N; readonly values: V } : never;

/** Decodes one of several messages by its tag; throws SimppError('malformed-message') for others. */
export function decodeOneOf<M extends AnyMessage>(messages: readonly M[], encoded: Uint8Array): Chosen<M> {
  const chosen = messages.find((candidate) => candidate.tag === encoded[0]);
  if (chosen === undefined) throw new SimppError('malformed-message', 'a message of an unknown kind');
  // The name and the values come from the same declaration.
  return { name: chosen.name, values: chosen.decode(encoded) } as Chosen<M>;
}
