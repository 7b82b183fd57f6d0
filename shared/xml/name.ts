// Names of elements and attributes: QName of Namespaces in XML 1.0 §4, made
// of the characters of XML 1.0 (fifth edition) §2.3.

import { SimppError } from '../errors.ts';
import { flags, NAME_START } from './character.ts';
import { decode } from './utf8.ts';

const COLON = 0x3a;

const start =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const ncName = `[${start}][${start}.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040-]*`;
const qName = new RegExp(`^${ncName}(?::${ncName})?$`, 'u');

function malformed(): SimppError {
  return new SimppError('not-well-formed', 'A name is not a qualified name of XML.');
}

/** Throws SimppError unless the bytes, none of which is outside the table's NAME, are a qualified name. */
export function checkName(bytes: Uint8Array, from: number, to: number): void {
  let colon = -1;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) {
      if (!qName.test(decode(bytes.subarray(from, to)))) throw malformed();
      return;
    }
    if (byte !== COLON) continue;
    if (colon >= 0) throw malformed();
    colon = at;
  }
  if (colon < 0) return;
  const local = bytes[colon + 1]!;
  if (colon === from || colon + 1 === to || (flags[local]! & NAME_START) === 0) throw malformed();
}

const linearAttributes = 12;

/** Attribute names of one start tag, to find a repeated one; reused from tag to tag. */
export class AttributeNames {
  readonly #froms: number[] = [];
  readonly #tos: number[] = [];
  #count = 0;
  // Comparing each with each is fastest for the few that people send, but quadratic for the many of an attack.
  readonly #many = new Set<string>();

  clear(): void {
    this.#count = 0;
    if (this.#many.size > 0) this.#many.clear();
  }

  /** Throws SimppError when the name stands there already; offsets count from `base`, in bytes that stay there until `clear`. */
  add(bytes: Uint8Array, base: number, from: number, to: number): void {
    if (this.#count === linearAttributes) this.#addToMany(bytes, base, from, to);
    else {
      for (let i = 0; i < this.#count; i++) {
        if (this.#equals(bytes, base, i, from, to)) throw repeated();
      }
      this.#froms[this.#count] = from;
      this.#tos[this.#count] = to;
      this.#count++;
    }
  }

  #equals(bytes: Uint8Array, base: number, index: number, from: number, to: number): boolean {
    const other = this.#froms[index]!;
    if (this.#tos[index]! - other !== to - from) return false;
    for (let at = from, same = other; at < to; at++, same++) {
      if (bytes[base + at] !== bytes[base + same]) return false;
    }
    return true;
  }

  #addToMany(bytes: Uint8Array, base: number, from: number, to: number): void {
    const nameAt = (start: number, end: number): string => decode(bytes.subarray(base + start, base + end));
    if (this.#many.size === 0) {
      for (let i = 0; i < this.#count; i++) this.#many.add(nameAt(this.#froms[i]!, this.#tos[i]!));
    }
    const name = nameAt(from, to);
    if (this.#many.has(name)) throw repeated();
    this.#many.add(name);
  }
}

function repeated(): SimppError {
  return new SimppError('not-well-formed', 'An attribute stands twice in one tag.');
}
