import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { childElements, textOf } from '../../../shared/xml/children.ts';

const childrenOf = (element: string): readonly string[] =>
  childElements(utf8(element)).map(({ start, end }) => element.slice(start, end));

describe('children of an element', () => {
  it('are the byte ranges of its child elements, in order, text and CDATA left out', () => {
    assert.deepEqual(childrenOf(`<a>t<b/><![CDATA[<no/>]]> <c d='</c>'><c/></c >&lt;</a>`), [
      '<b/>',
      `<c d='</c>'><c/></c >`,
    ]);
  });

  it('are none where there is no content', () => {
    for (const element of ['<a/>', '<a b="/"/>', '<a></a>', '<a>text</a>', '<a><![CDATA[<b/>]]></a>']) {
      assert.deepEqual(childrenOf(element), []);
    }
  });

  it('do not end at a slash in an attribute value', () => {
    assert.deepEqual(childrenOf(`<a><b c='/'>d</b></a>`), [`<b c='/'>d</b>`]);
  });

  it('of deeply nested elements need no stack', () => {
    const deep = `${'<b>'.repeat(50_000)}${'</b>'.repeat(50_000)}`;
    assert.deepEqual(childrenOf(`<a>${deep}</a>`), [deep]);
  });

  it('of broken bytes are an error, never endless', () => {
    for (const broken of ['', '<a>', '<a><b></a>', '<a><b', '<a><![CDATA[', '<a></b', 'text']) {
      assert.throws(() => childrenOf(broken), SimppError, broken);
    }
  });
});

describe('text of an element', () => {
  it('is decoded from references and CDATA', () => {
    assert.equal(textOf(utf8('<a>1 &lt; 2<![CDATA[ & <3 ]]>&#x1F600;é</a>')), '1 < 2 & <3 😀é');
    assert.equal(textOf(utf8('<a/>')), '');
  });

  it('keeps references inside of CDATA as they are written', () => {
    assert.equal(textOf(utf8('<a><![CDATA[&amp;]]></a>')), '&amp;');
  });

  it('has line ends normalised (XML 1.0 §2.11), except referred ones', () => {
    assert.equal(textOf(utf8('<a>1\r\n2\r3&#13;</a>')), '1\n2\n3\r');
  });

  it('is refused where child elements stand', () => {
    const isUnexpected = (error: unknown): boolean =>
      error instanceof SimppError && error.code === 'unexpected-element';
    assert.throws(() => textOf(utf8('<a>b<c/></a>')), isUnexpected);
    assert.throws(() => textOf(utf8('<a>b<c/><![CDATA[]]></a>')), isUnexpected);
  });
});
