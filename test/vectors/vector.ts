// What a vector file looks like, and how it is checked: each kind of case has
// one function from its inputs to its outputs. The generator writes what the
// function returns; the test runs it again and compares everything, so that no
// value of a file goes unchecked.
import { fromHex, toHex, utf8 } from '../../shared/bytes.ts';
import { nobleCrypto } from '../../shared/crypto/noble.ts';
import { SimppError } from '../../shared/errors.ts';
import type { ProfileName } from '../../shared/simpp/profile.ts';

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

/** Whether something refuses its input; what blames this program itself is no refusal and is thrown. */
export function isRefused(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch (error) {
    if (error instanceof SimppError && error.code !== 'internal') return true;
    throw error;
  }
}

/** The outputs of a case that must be refused; throws when it is accepted. */
export function refusal(inputs: Values, attempt: () => unknown): Values {
  if (!isRefused(attempt)) throw new Error('what must be refused was accepted');
  return { refused: true, digest: digestOf(inputs) };
}

function asValues(value: Json | undefined, key: string): Values {
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`the vector lacks the values ${key}`);
  // What is an object and no list has keys; Array.isArray does not narrow a readonly list.
  return value as Values;
}

/** A case's part that is itself values. */
export const valuesOf = (values: Values, key: string): Values => asValues(values[key], key);

/** A case's part that is a list of values. */
export function listOf(values: Values, key: string): readonly Values[] {
  const list = values[key];
  if (!Array.isArray(list)) throw new TypeError(`the vector lacks the list ${key}`);
  return list.map((item: Json) => asValues(item, key));
}

export function flagOf(values: Values, key: string): boolean {
  const value = values[key];
  if (typeof value !== 'boolean') throw new TypeError(`the vector lacks the flag ${key}`);
  return value;
}

/** Which profile a case is about. */
export function profileOf(values: Values, key: string): ProfileName {
  const profile = textOf(values, key);
  if (profile !== 'simpp-2' && profile !== 'classic') throw new TypeError('a profile is simpp-2 or classic');
  return profile;
}

/** Which end of a channel a case is about. */
export function roleOf(inputs: Values): 'client' | 'gateway' {
  const role = textOf(inputs, 'role');
  if (role !== 'client' && role !== 'gateway') throw new TypeError('a role is client or gateway');
  return role;
}
