import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { tomlPositions, type TomlPath } from '../../../proxy/config/toml-positions.ts';

describe('positions in TOML', () => {
  it('are found for every key and element of any document', function () {
    this.timeout(10_000);
    const scalar = fc.oneof(fc.string({ unit: 'binary' }).filter(isScalarText), fc.integer(), fc.boolean());
    const { document } = fc.letrec<{ value: unknown; document: Record<string, unknown> }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(scalar, { maxLength: 3 }),
        fc.array(tie('document'), { maxLength: 3 }),
        tie('document'),
      ),
      document: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }).filter(isScalarText), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    }));
    fc.assert(
      fc.property(document, (written) => {
        const text = stringify(written);
        assertAllFound(text);
      }),
      { numRuns: 100 },
    );
  });

  it('point at the value that smol-toml reads, in every syntax of TOML', () => {
    const text = [
      '# a comment with = and [brackets]',
      'a = "x" # another',
      '"quoted \\"key" = \'it\\\'',
      'b . c."d.e" = [1, "]#,", # inside',
      '  [2, 3], { x = 1, y.z = "}" }, ]',
      'block = """',
      'a " and "" and \\""" = 1',
      '"""""',
      "literal = '''",
      "]]''''",
      'when = 1979-05-27 07:32:00Z',
      '[table]',
      'on = true',
      '[[array]]',
      'n = 0x1F',
      '[[array]]',
      'n = -inf',
      '[array.within]',
      'n = 1_000',
      '[[array.deep]]',
      'n = 2',
      "[ 'last' . one ]",
      'n = 3',
    ].join('\n');
    assertAllFound(text);
    const { find } = tomlPositions(text);
    assert.deepEqual(place(find(['array', 1, 'deep', 0, 'n'])), [21, 1]);
    assert.deepEqual(place(find(['b', 'c', 'd.e', 3, 'y', 'z'])), [5, 20]);
    assert.deepEqual(place(find(['last', 'one', 'n'])), [23, 1]);
    assert.deepEqual(place(find(['table'])), [12, 1]);
    assert.equal(find(['nowhere']), undefined);
  });

  it('count lines that end in CR LF', () => {
    assert.deepEqual(place(tomlPositions('a = 1\r\n\r\n  b = 2\r\n').find(['b'])), [3, 3]);
  });
});

/** Every leaf's value, read alone, is the leaf. */
function assertAllFound(text: string): void {
  const positions = tomlPositions(text);
  const visit = (value: unknown, path: TomlPath): void => {
    const position = positions.find(path);
    if (path.length > 0) assert.ok(position !== undefined, `${JSON.stringify(path)} in\n${text}`);
    if (Array.isArray(value)) {
      value.forEach((element, index) => visit(element, [...path, index]));
    } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
    } else {
      const written = text.slice(position!.valueStart, position!.valueEnd);
      assert.deepEqual(parse(`v = ${written}`)['v'], value, `${JSON.stringify(path)} in\n${text}`);
    }
  };
  visit(parse(text), []);
}

/** TOML has no lone surrogates, and smol-toml treats __proto__ apart. */
function isScalarText(text: string): boolean {
  return text.isWellFormed() && text !== '__proto__';
}

function place(position: { line: number; column: number } | undefined): [number, number] | undefined {
  return position === undefined ? undefined : [position.line, position.column];
}
