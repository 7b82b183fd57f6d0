import assert from 'node:assert/strict';
import type { Element } from '@xmpp/xml';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { parseElement } from '../../../shared/xml/parse.ts';
import { rebinding } from '../../../shared/xml/rebind.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { streamBindings, tree, writeTree } from './trees.ts';

const plain: Bindings = new Map([
  ['', 'jabber:client'],
  ['stream', 'urn:s'],
]);

describe('elements on a stream with other prefixes (transparency.md §3.3)', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  it('pass as the same array where both streams bind the same', () => {
    const element = utf8(`<a b='c'/>`);
    assert.equal(rebinding(plain, new Map(plain))(element), element);
    assert.equal(rebinding(plain, new Map([...plain, ['more', 'urn:m']]))(element), element);
  });

  it('declare what they inherited and would lose, unless they declare it themselves', () => {
    const move = rebinding(new Map([...plain, ['größe', `urn:'g'`]]), plain);
    assert.equal(fromUtf8(move(utf8(`<größe:a b='c'/>`))), `<größe:a xmlns:größe='urn:&apos;g&apos;' b='c'/>`);
    const own = utf8(`<a xmlns:größe='urn:own'/>`);
    assert.equal(move(own), own);
  });

  it('keep the default namespace, or its absence', () => {
    const none: Bindings = new Map([['s', 'urn:s']]);
    assert.equal(fromUtf8(rebinding(plain, none)(utf8('<a/>'))).includes(` xmlns='jabber:client'`), true);
    assert.equal(fromUtf8(rebinding(none, plain)(utf8('<a/>'))).includes(` xmlns=''`), true);
  });

  it('mean the same on every stream', () => {
    const bound = fc.constantFrom('urn:example:a', 'jabber:client', 'urn:<&>');
    const target = fc.record({ '': bound, p: bound, größe: bound, q: bound }, { requiredKeys: [] });
    const names = (element: Element): unknown => [
      `{${element.getNS() ?? ''}}${element.getName()}`,
      element.getText(),
      ...element.getChildElements().map(names),
    ];
    fc.assert(
      fc.property(tree, target, (written, to) => {
        const element = utf8(writeTree(written));
        const scope: Bindings = new Map(Object.entries(to));
        const moved = rebinding(streamBindings, scope)(element);
        assert.deepEqual(names(parseElement(moved, scope)), names(parseElement(element, streamBindings)));
      }),
      { numRuns: 200 },
    );
  });
});
