// Random elements for property tests: a tree, and the quirks with which each
// of its pieces is written (CDATA, references, quotes, white space in tags, prefixes).

import fc from 'fast-check';

export interface Text {
  readonly kind: 'plain' | 'cdata' | 'named' | 'decimal' | 'hexadecimal';
  readonly text: string;
}

export interface Attribute {
  readonly name: string;
  readonly pieces: readonly Text[];
  readonly quote: '"' | "'";
  readonly space: string;
  readonly spaceBeforeEquals: string;
  readonly spaceBehindEquals: string;
}

export interface Tree {
  readonly prefix: string;
  readonly local: string;
  readonly declarations: readonly (readonly [prefix: string, namespace: string])[];
  readonly attributes: readonly Attribute[];
  readonly children: readonly (Tree | Text)[];
  readonly spaceAtEnd: string;
  readonly closesItself: boolean;
}

/** Prefixes that the stream of the tests binds. */
export const streamBindings: ReadonlyMap<string, string> = new Map([
  ['', 'jabber:client'],
  ['p', 'urn:example:p'],
  ['größe', 'urn:example:ü'],
]);

const names = ['message', 'body', 'x', 'a-b', 'a.1', '_', 'größe', '漢字', 'constructor'];
const space = fc.constantFrom('', '', ' ', '\n', '\t ', '\r\n');
// Sensitive characters are likely, carriage returns left out: parsers may or may not make them line feeds.
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']',
        ']]',
        ']]>',
        '/>',
        '<!--',
        '?>',
        'é',
        '漢',
        '😀',
        '\u{10ffff}',
        ' ',
      ),
      fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const kind = fc.constantFrom('plain', 'cdata', 'named', 'decimal', 'hexadecimal') satisfies fc.Arbitrary<Text['kind']>;
const piece: fc.Arbitrary<Text> = fc.record({ kind, text });

const attribute: fc.Arbitrary<Attribute> = fc.record({
  name: fc.constantFrom('id', 'to', 'from', 'type', 'xml:lang', 'p:kind', 'maß', '_.-'),
  pieces: fc.array(piece, { maxLength: 3 }),
  quote: fc.constantFrom('"', "'"),
  space: fc.constantFrom(' ', '\n', '\t\t', ' \r\n '),
  spaceBeforeEquals: space,
  spaceBehindEquals: space,
});

const declarations = fc.uniqueArray(
  fc.tuple(fc.constantFrom('', 'p', 'q'), fc.constantFrom('urn:example:a', 'urn:example:b&c', 'jabber:client')),
  { maxLength: 2, selector: ([prefix]) => prefix },
);

/** Trees of at most a few dozen elements. */
export const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    prefix: fc.constantFrom('', '', 'p', 'größe'),
    local: fc.constantFrom(...names),
    declarations,
    attributes: fc.uniqueArray(attribute, { maxLength: 4, selector: ({ name }) => name }),
    children: fc.array(fc.oneof({ depthSize: 'small', withCrossShrink: true }, piece, tie('tree')), { maxLength: 5 }),
    spaceAtEnd: space,
    closesItself: fc.boolean(),
  }),
})).tree;

const named: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

function writeText({ kind, text }: Text, inAttribute: boolean): string {
  switch (kind) {
    case 'cdata':
      if (!inAttribute) return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
      return writeText({ kind: 'named', text }, inAttribute);
    case 'decimal':
      return [...text].map((char) => `&#${char.codePointAt(0)};`).join('');
    case 'hexadecimal':
      return [...text].map((char) => `&#x0${char.codePointAt(0)!.toString(16).toUpperCase()};`).join('');
    case 'named':
      return text.replace(/[<>&"']/g, (char) => named[char]!);
    case 'plain':
      // As little as XML permits: quotes escaped in attributes, > only where ]]> would arise, even across pieces.
      return text
        .replace(/[<&]/g, (char) => named[char]!)
        .replace(/["']/g, (char) => (inAttribute ? named[char]! : char))
        .replace(/^>|(?<=\])>/g, '&gt;');
  }
}

/** The XML of a tree. */
export function writeTree(tree: Tree): string {
  const name = tree.prefix === '' ? tree.local : `${tree.prefix}:${tree.local}`;
  const declared = tree.declarations.map(
    ([prefix, namespace]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}='${namespace.replace('&', '&amp;')}'`,
  );
  const attributes = tree.attributes.map(
    ({ name, pieces, quote, space, spaceBeforeEquals, spaceBehindEquals }) =>
      space +
      name +
      spaceBeforeEquals +
      '=' +
      spaceBehindEquals +
      quote +
      pieces.map((each) => writeText(each, true)).join('') +
      quote,
  );
  const start = `<${name}${declared.join('')}${attributes.join('')}${tree.spaceAtEnd}`;
  if (tree.children.length === 0 && tree.closesItself) return `${start}/>`;
  const content = tree.children.map((child) => ('local' in child ? writeTree(child) : writeText(child, false)));
  return `${start}>${content.join('')}</${name}${tree.spaceAtEnd}>`;
}

/** Value of an attribute, as it was meant. */
export function valueOf(attribute: Attribute): string {
  return attribute.pieces.map(({ text }) => text).join('');
}

/** Own character data of a tree, as it was meant. */
export function ownText(tree: Tree): string {
  return tree.children.map((child) => ('local' in child ? '' : child.text)).join('');
}

/** Child elements of a tree. */
export function ownChildren(tree: Tree): readonly Tree[] {
  return tree.children.filter((child) => 'local' in child);
}
