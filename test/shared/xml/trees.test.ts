import assert from 'node:assert/strict';
import type { Element } from '@xmpp/xml';
import { Parser } from '@xmpp/xml';
import fc from 'fast-check';
import { utf8 } from '../../../shared/bytes.ts';
import { childElements, textOf } from '../../../shared/xml/children.ts';
import { parseElement } from '../../../shared/xml/parse.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { bindingsOf, namespaceOf, readStartTag } from '../../../shared/xml/tag.ts';
import { header, piecesAt, scanPieces, shown } from './stream.ts';
import type { Tree } from './trees.ts';
import { ownChildren, ownText, streamBindings, tree, valueOf, writeTree } from './trees.ts';

/** Readers of raw bytes, the tree, and what was written: all three say the same. */
function compare(written: Tree, bytes: Uint8Array, scope: Bindings, parsed: Element): void {
  const tag = readStartTag(bytes);
  assert.deepEqual([tag.prefix, tag.local], [written.prefix, written.local]);
  assert.equal(tag.name, parsed.name);
  const inner = bindingsOf(tag, scope);
  assert.equal(namespaceOf(tag, scope), inner.get(written.prefix));
  assert.equal(namespaceOf(tag, scope), parsed.getNS());
  for (const attribute of written.attributes) {
    assert.equal(tag.attributes.get(attribute.name), valueOf(attribute));
    assert.equal(parsed.attrs[attribute.name], valueOf(attribute));
  }
  assert.equal(tag.attributes.size, written.attributes.length + written.declarations.length);
  assert.equal(parsed.getText(), ownText(written));
  const children = ownChildren(written);
  const ranges = childElements(bytes);
  const nodes = parsed.getChildElements();
  assert.deepEqual([ranges.length, nodes.length], [children.length, children.length]);
  if (children.length === 0) assert.equal(textOf(bytes), ownText(written));
  children.forEach((child, index) => {
    const { start, end } = ranges[index]!;
    compare(child, bytes.subarray(start, end), inner, nodes[index]!);
  });
}

describe('XML readers on random elements', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  it('find the same parts however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (trees, cuts) => {
          const elements = trees.map(writeTree);
          const bytes = utf8(`${header}${elements.join(' ')}</stream:stream>`);
          const { parts, error } = scanPieces(
            piecesAt(
              bytes,
              cuts.map((cut) => cut % bytes.length),
            ),
          );
          assert.equal(error, undefined);
          const between = elements.flatMap((element, index) => (index === 0 ? [] : ['space  ', `element ${element}`]));
          const expected = [`header ${header}`, `element ${elements[0]}`, ...between];
          assert.deepEqual(shown(parts), [...expected, 'footer </stream:stream>']);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('read names, namespaces, attributes, children and text as they were written', () => {
    fc.assert(
      fc.property(tree, (written) => {
        const bytes = utf8(writeTree(written));
        compare(written, bytes, streamBindings, parseElement(bytes, streamBindings));
      }),
      { numRuns: 500 },
    );
  });

  it('build the tree that the parser of @xmpp/xml builds where it is right: without CDATA', () => {
    fc.assert(
      fc.property(tree, (written) => {
        const xml = writeTree(withoutCdata(written));
        assert.equal(parseElement(utf8(xml)).toString(), parsedByLibrary(xml).toString());
      }),
      { numRuns: 300 },
    );
  });
});

function withoutCdata(tree: Tree): Tree {
  const children = tree.children.map((child) => {
    if ('local' in child) return withoutCdata(child);
    return child.kind === 'cdata' ? { ...child, kind: 'named' as const } : child;
  });
  return { ...tree, children };
}

function parsedByLibrary(xml: string): Element {
  const parser = new Parser();
  let root: Element | undefined;
  parser.on('start', (element) => (root = element));
  parser.on('element', (child) => root?.append(child));
  parser.write(xml);
  assert.ok(root !== undefined);
  return root;
}
