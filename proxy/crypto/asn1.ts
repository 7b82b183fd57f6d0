// The few DER values (X.690) of which keys and certificates are made, and as
// much reading as it takes to find one of them again.

import { SimppError } from '../../shared/errors.ts';

/** Tags of the universal class, and the constructed ones as they stand in DER. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of a context-specific value: primitive, or one that holds others. */
export const context = (number: number): number => 0x80 | number;
export const contextHolding = (number: number): number => 0xa0 | number;

/** Tag, length and content. */
export function element(tagByte: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tagByte, ...lengthBytes(body.length)), body]);
}

/** DER: one byte up to 127, else as few as hold it behind their number. */
function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => element(tag.sequence, ...content);

export const boolean = (value: boolean): Buffer => element(tag.boolean, Buffer.of(value ? 0xff : 0));

/** An INTEGER from 0 to 127. */
export const smallInteger = (value: number): Buffer => element(tag.integer, Buffer.of(value));

/** A BIT STRING whose last byte has this many unused bits. */
export const bitString = (bytes: Uint8Array, unusedBits = 0): Buffer =>
  element(tag.bitString, Buffer.of(unusedBits), bytes);

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(tag.objectIdentifier, Buffer.of(first * 40 + second, ...rest.flatMap(base128)));
}

function base128(arc: number): readonly number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}

/** A value as it was read. */
export interface Asn1Value {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The values that stand one after the other in these bytes; throws SimppError('malformed-message'). */
export function readValues(bytes: Uint8Array): readonly Asn1Value[] {
  const values: Asn1Value[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tagByte, first] = [bytes[at], bytes[at + 1]];
    if (tagByte === undefined || first === undefined) throw malformed();
    const lengthSize = first < 0x80 ? 0 : first & 0x7f;
    if (lengthSize > 4) throw malformed();
    const start = at + 2 + lengthSize;
    const length = first < 0x80 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    at = start + length;
    if (at > bytes.length) throw malformed();
    values.push({ tag: tagByte, content: bytes.subarray(start, at) });
  }
  return values;
}

function malformed(): SimppError {
  return new SimppError('malformed-message', 'The DER is cut short or not DER.');
}
