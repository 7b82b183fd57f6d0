// Where each key and value of a TOML 1.0 document stands. smol-toml says line
// and column for syntax errors only; this index gives them for everything
// else. It reads text that smol-toml has already accepted, so it only has to
// find borders, never to judge.

/** A step into a document: a key of a table, or an index of an array. */
export type TomlPath = readonly PropertyKey[];

/** Where a key or an array element is written. */
export interface TomlPosition {
  /** 1-based line and column of the key (of the element, for arrays). */
  readonly line: number;
  readonly column: number;
  /** Offsets of the value in the text; equal for headers of tables. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Positions of a document by path. */
export interface TomlPositions {
  find(path: TomlPath): TomlPosition | undefined;
  /** Offset of the first `[table]` header, or the end: where keys of the root may be added. */
  readonly rootEnd: number;
}

/** Indexes an accepted TOML document. */
export function tomlPositions(text: string): TomlPositions {
  const found = new Map<string, TomlPosition>();
  /** Paths of arrays of tables → index of their last element. */
  const lastIndex = new Map<string, number>();
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  let at = 0;
  let table: TomlPath = [];
  let rootEnd: number | undefined;

  function note(path: TomlPath, start: number, valueStart: number, valueEnd: number): void {
    const name = pathName(path);
    if (found.has(name)) return;
    const line = lineStarts.findLastIndex((lineStart) => lineStart <= start);
    found.set(name, { line: line + 1, column: start - (lineStarts[line] ?? 0) + 1, valueStart, valueEnd });
  }

  function skip(pattern: RegExp): string {
    pattern.lastIndex = at;
    const skipped = pattern.exec(text)?.[0] ?? '';
    at += skipped.length;
    return skipped;
  }

  function key(): string {
    const quote = text[at];
    if (quote !== '"' && quote !== "'") return skip(bareKey);
    const quoted = skip(quote === '"' ? basicString : literalString);
    return quote === '"' ? unescapeBasic(quoted.slice(1, -1)) : quoted.slice(1, -1);
  }

  function dottedKey(): string[] {
    const keys = [key()];
    while (skip(dot) !== '') keys.push(key());
    return keys;
  }

  function pair(base: TomlPath): void {
    const start = at;
    const path = [...base, ...dottedKey()];
    skip(equals);
    const valueStart = at;
    value(path);
    // A dotted key also makes the tables that it goes through.
    for (let depth = base.length + 1; depth < path.length; depth++) note(path.slice(0, depth), start, start, start);
    note(path, start, valueStart, at);
  }

  function value(path: TomlPath): void {
    if (text.startsWith('"""', at)) skip(basicBlock);
    else if (text.startsWith("'''", at)) skip(literalBlock);
    else if (text[at] === '"') skip(basicString);
    else if (text[at] === "'") skip(literalString);
    else if (text[at] === '[') elements(path);
    else if (text[at] === '{') members(path);
    else at += (/^[^,\]}#\r\n]*/.exec(text.slice(at, at + 200))?.[0] ?? '').trimEnd().length;
  }

  function elements(path: TomlPath): void {
    at++;
    for (let index = 0; ; index++) {
      skip(blank);
      if (at >= text.length || text[at] === ']') break;
      const start = at;
      const element = [...path, index];
      value(element);
      note(element, start, start, at);
      skip(comma);
    }
    at++;
  }

  function members(path: TomlPath): void {
    at++;
    for (;;) {
      skip(blank);
      if (at >= text.length || text[at] === '}') break;
      pair(path);
      skip(comma);
    }
    at++;
  }

  /** The path of a header, going into the last element of each array of tables. */
  function within(keys: readonly string[]): PropertyKey[] {
    const path: PropertyKey[] = [];
    for (const name of keys) {
      path.push(name);
      const last = lastIndex.get(pathName(path));
      if (last !== undefined) path.push(last);
    }
    return path;
  }

  function header(): void {
    const start = at;
    rootEnd ??= start;
    const isArray = text.startsWith('[[', at);
    skip(headerOpen);
    const keys = dottedKey();
    if (isArray) {
      const array = [...within(keys.slice(0, -1)), ...keys.slice(-1)];
      const index = (lastIndex.get(pathName(array)) ?? -1) + 1;
      lastIndex.set(pathName(array), index);
      note(array, start, start, start);
      table = [...array, index];
    } else {
      table = within(keys);
    }
    // A header also makes the tables that it goes through.
    for (let depth = 1; depth <= table.length; depth++) note(table.slice(0, depth), start, start, start);
    skip(headerClose);
  }

  for (;;) {
    skip(blank);
    if (at >= text.length) break;
    if (text[at] === '[') header();
    else pair(table);
  }
  return { find: (path) => found.get(pathName(path)), rootEnd: rootEnd ?? text.length };
}

const bareKey = /[A-Za-z0-9_-]*/y;
const dot = /[ \t]*\.[ \t]*/y;
const equals = /[ \t]*=[ \t]*/y;
const blank = /(?:[\s\uFEFF]|#[^\n]*)*/y;
const comma = /(?:\s|#[^\n]*)*,?/y;
const basicString = /"(?:[^"\\]|\\.)*"/y;
const literalString = /'[^']*'/y;
// A run of up to five quotes ends a block: the last three close it.
const basicBlock = /"""(?:[^\\]|\\[^])*?"""(?!")/y;
const literalBlock = /'''[^]*?'''(?!')/y;
const headerOpen = /\[{1,2}[ \t]*/y;
const headerClose = /[ \t]*\]{1,2}/y;

function pathName(path: TomlPath): string {
  return JSON.stringify(path);
}

/** A quoted key's text without its escapes. */
function unescapeBasic(text: string): string {
  return text.replace(/\\(?:U(.{8})|u(.{4})|x(.{2})|(.))/g, (_, long, four, two, letter: string) => {
    const hex: string | undefined = long ?? four ?? two;
    return hex === undefined ? (letterEscapes[letter] ?? letter) : String.fromCodePoint(Number.parseInt(hex, 16));
  });
}

const letterEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\u001b',
};
