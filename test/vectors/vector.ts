// What a vector file looks like, and how it is checked: each kind of case has
// one function from its inputs to its outputs. The generator writes what the
// function returns; the test runs it again and compares everything, so that no
// value of a file goes unchecked.
import { fromHex, toHex, utf8 } from '../../shared/bytes.ts';
import { nobleCrypto } from '../../shared/crypto/noble.ts';

/** A value of a vector: hex for bytes, plain for text and numbers. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
export type Values = { readonly [key: string]: Json };

/** One case: `outputs` follow from `inputs`. */
export interface Case {
  readonly name: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** One file of cases of one kind. */
export interface VectorFile {
  readonly about: string;
  /** The section of docs/protocol.md that a second implementation follows. */
  readonly section: string;
  readonly cases: readonly Case[];
}

/** A kind of case: its text, its fixed inputs, and the function under test. */
export interface VectorKind {
  readonly file: string;
  readonly about: string;
  readonly section: string;
  readonly inputs: readonly { readonly name: string; readonly inputs: Values }[];
  derive(inputs: Values): Values;
}

export const hex = toHex;
export const bytesOf = (values: Values, key: string): Uint8Array => fromHex(textOf(values, key));

export function textOf(values: Values, key: string): string {
  const value = values[key];
  if (typeof value !== 'string') throw new TypeError(`the vector lacks the text ${key}`);
  return value;
}

export function numberOf(values: Values, key: string): number {
  const value = values[key];
  if (typeof value !== 'number') throw new TypeError(`the vector lacks the number ${key}`);
  return value;
}

/** Bytes that look random and are the same each time: SHA-256 of a name, cut or repeated. */
export function fixedBytes(name: string, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0, block = 0; at < length; at += 32, block++) {
    out.set(nobleCrypto.sha256(utf8(`vector ${name} ${block}`)).subarray(0, length - at), at);
  }
  return out;
}

/** The file of a kind, computed. */
export function fileOf(kind: VectorKind): VectorFile {
  return {
    about: kind.about,
    section: kind.section,
    cases: kind.inputs.map(({ name, inputs }) => ({ name, inputs, outputs: kind.derive(inputs) })),
  };
}

/** SHA-256 over the inputs as compact JSON: what ties a case that must be refused to its exact inputs. */
export function digestOf(inputs: Values): string {
  return toHex(nobleCrypto.sha256(utf8(JSON.stringify(inputs))));
}

/** A case's part that is itself values. */
export function valuesOf(values: Values, key: string): Values {
  const value = values[key];
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`the vector lacks the values ${key}`);
  return value as Values;
}

/** Which end of a channel a case is about. */
export function roleOf(inputs: Values): 'client' | 'gateway' {
  const role = textOf(inputs, 'role');
  if (role !== 'client' && role !== 'gateway') throw new TypeError('a role is client or gateway');
  return role;
}
