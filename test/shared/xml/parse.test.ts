import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { parseElement } from '../../../shared/xml/parse.ts';

describe('tree of an element', () => {
  it('has children, text and attributes in order', () => {
    const tree = parseElement(utf8(`<a b='&amp;'>1<c><d/></c>2<e/></a>`));
    assert.equal(tree.attrs['b'], '&');
    assert.deepEqual(
      tree.children.map((child) => (typeof child === 'string' ? child : child.name)),
      ['1', 'c', '2', 'e'],
    );
    assert.equal(tree.toString(), `<a b="&amp;">1<c><d/></c>2<e/></a>`);
  });

  it('keeps text behind CDATA, joined to one string', () => {
    assert.deepEqual(parseElement(utf8('<a>1<![CDATA[<2>]]>3&amp;<![CDATA[]]>4</a>')).children, ['1<2>3&4']);
  });

  it('resolves prefixes bound on the stream, without writing them out', () => {
    const scope = new Map([
      ['', 'jabber:client'],
      ['s', 'urn:example:s'],
    ]);
    const tree = parseElement(utf8('<message><s:a/></message>'), scope);
    assert.ok(tree.is('message', 'jabber:client'));
    assert.ok(tree.getChild('a', 'urn:example:s'));
    assert.equal(tree.toString(), '<message><s:a/></message>');
  });

  it('is refused with a SimppError for what is no whole element', () => {
    for (const broken of [
      '',
      '<a>',
      '<a></b>',
      '<a>&nbsp;</a>',
      'text',
      'b<a/>',
      '<a/>b',
      '</a>',
      '<b><a></ax',
      '<a><![CDATA[',
    ]) {
      assert.throws(() => parseElement(utf8(broken)), SimppError, broken);
    }
  });
});
