// Taking an element out of one place and into another: what it uses and does
// not declare itself is declared on it (Namespaces in XML §6). On the way the
// constraints of that standard are proved, which the scanner leaves to readers:
// an element of a peer must not break the stream that it is put into.

import { concat, utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { cdataEnd } from './children.ts';
import type { Bindings, StartTag } from './tag.ts';
import { noBindings, readStartTag, tagEnd } from './tag.ts';
import { escapeAttribute } from './write.ts';

const LESS = 0x3c;
const SLASH = 0x2f;
const BANG = 0x21;

const reserved: ReadonlyMap<string, string> = new Map([...noBindings, ['xmlns', 'http://www.w3.org/2000/xmlns/']]);

function invalid(what: string): SimppError {
  return new SimppError('invalid-namespace', what);
}

/** What is bound while walking: each declaration is pushed where it begins and popped where it ends. */
class Walk {
  readonly inherited = new Set<string>();
  readonly #scope: Bindings;
  readonly #bound = new Map<string, string[]>();
  readonly #open: (readonly string[])[] = [];

  constructor(scope: Bindings) {
    this.#scope = scope;
  }

  begin(tag: StartTag): void {
    const declared: string[] = [];
    const used: (readonly [prefix: string, local: string])[] = [];
    for (const [name, value] of tag.attributes) {
      const [prefix, local] = split(name);
      if (name === 'xmlns') this.#declare('', value, declared);
      else if (prefix === 'xmlns') this.#declare(local, value, declared);
      else if (prefix !== '') used.push([prefix, local]);
    }
    this.#resolve(tag.prefix);
    const names = new Set(used.map(([prefix, local]) => `${local} ${this.#resolve(prefix)}`));
    // Namespaces in XML §6.3.
    if (names.size < used.length) throw invalid('An attribute stands twice in one tag, under two prefixes.');
    if (tag.selfClosing) this.#close(declared);
    else this.#open.push(declared);
  }

  end(): void {
    this.#close(this.#open.pop() ?? []);
  }

  get depth(): number {
    return this.#open.length;
  }

  #declare(prefix: string, namespace: string, declared: string[]): void {
    // Namespaces in XML §3 and §5: what is reserved, and that only the default namespace can be taken back.
    const isReserved = [...reserved].some(([name, uri]) => name === prefix || uri === namespace);
    if (isReserved && !(prefix === 'xml' && namespace === reserved.get('xml'))) {
      throw invalid(`A reserved prefix or namespace is declared.`);
    }
    if (prefix !== '' && namespace === '') throw invalid(`The prefix ${prefix} is declared without a namespace.`);
    const stack = this.#bound.get(prefix);
    if (stack === undefined) this.#bound.set(prefix, [namespace]);
    else stack.push(namespace);
    declared.push(prefix);
  }

  #close(declared: readonly string[]): void {
    for (const prefix of declared) this.#bound.get(prefix)?.pop();
  }

  #resolve(prefix: string): string {
    const own = this.#bound.get(prefix)?.at(-1) ?? noBindings.get(prefix);
    if (own !== undefined) return own;
    const around = this.#scope.get(prefix);
    if (around === undefined && prefix !== '') throw invalid(`The prefix ${prefix} is not bound.`);
    this.inherited.add(prefix);
    return around ?? '';
  }
}

function split(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

/**
 * Prefixes, '' for the default namespace, that an element takes from the bindings around it (`scope`). Throws
 * SimppError `invalid-namespace` where the names in it mean nothing, or nothing definite.
 */
export function inheritedPrefixes(element: Uint8Array, scope: Bindings): ReadonlySet<string> {
  const walk = new Walk(scope);
  let at = element.indexOf(LESS);
  do {
    if (at < 0) throw new SimppError('not-well-formed', 'An element does not end.');
    const next = element[at + 1];
    if (next === BANG) at = cdataEnd(element, at);
    else if (next === SLASH) {
      walk.end();
      at = tagEnd(element, at);
    } else {
      const tag = readStartTag(element, at);
      walk.begin(tag);
      at = tag.end;
    }
    if (walk.depth > 0) at = element.indexOf(LESS, at);
  } while (walk.depth > 0);
  return walk.inherited;
}

/** An element that stands among bindings `from`, so that it means the same among bindings `to`; the same array if it does. */
export function carried(element: Uint8Array, from: Bindings, to: Bindings): Uint8Array {
  let declarations = '';
  for (const prefix of inheritedPrefixes(element, from)) {
    const namespace = from.get(prefix) ?? '';
    if (namespace === (to.get(prefix) ?? '')) continue;
    declarations += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}='${escapeAttribute(namespace)}'`;
  }
  if (declarations === '') return element;
  const tag = readStartTag(element);
  const behindName = tag.start + 1 + utf8(tag.name).length;
  return concat(element.subarray(0, behindName), utf8(declarations), element.subarray(behindName));
}
