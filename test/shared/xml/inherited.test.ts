import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { carried, inheritedPrefixes } from '../../../shared/xml/inherited.ts';
import { noBindings } from '../../../shared/xml/tag.ts';

const scope = new Map([...noBindings, ['', 'jabber:client'], ['p', 'urn:p'], ['same', 'urn:p']]);
const inherited = (xml: string): readonly string[] => [...inheritedPrefixes(utf8(xml), scope)].toSorted();
const isInvalid = (error: unknown): boolean => error instanceof SimppError && error.code === 'invalid-namespace';

describe('what an element takes from the bindings around it', () => {
  it('are the prefixes that it uses where it has not declared them, and the default of elements without one', () => {
    assert.deepEqual(inherited('<a/>'), ['']);
    assert.deepEqual(inherited(`<a xmlns='u'><b/><p:c/></a>`), ['p']);
    assert.deepEqual(inherited(`<p:a p:x='1' same:y='2' xml:lang='de'/>`), ['p', 'same']);
    assert.deepEqual(inherited(`<a xmlns='u'><b xmlns:p='v'><p:c/></b></a>`), []);
  });

  it('counts again behind the element that declared it', () => {
    assert.deepEqual(inherited(`<a xmlns='u'><b xmlns:p='v' xmlns=''/><p:c/></a>`), ['p']);
    assert.deepEqual(inherited(`<q:a xmlns:q='u'><b xmlns='v'><c/></b></q:a>`), []);
    assert.deepEqual(inherited(`<q:a xmlns:q='u'><b xmlns='v'/><c/></q:a>`), ['']);
  });

  it('is not what stands in CDATA or in attribute values', () => {
    assert.deepEqual(inherited(`<a xmlns='u' b='p:c>'><![CDATA[<p:c>]]></a>`), []);
  });

  it('is refused where a name means nothing, or nothing definite (Namespaces in XML §3, §5, §6.3)', () => {
    for (const xml of [
      '<x:a/>',
      `<a x:b='1'/>`,
      `<a><b xmlns:x='u'/><x:c/></a>`,
      `<a xmlns:x=''/>`,
      `<a xmlns:xmlns='u'/>`,
      `<a xmlns:xml='u'/>`,
      `<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>`,
      `<a xmlns='http://www.w3.org/2000/xmlns/'/>`,
      `<a p:b='1' same:b='2'/>`,
      '<xmlns:a/>',
    ]) {
      assert.throws(() => inherited(xml), isInvalid, xml);
    }
  });

  it('costs no more for many declarations than for many elements', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ` xmlns:d${index}='u'`).join('');
    assert.deepEqual(inherited(`<a${many}>${`<b xmlns:e='v'/>`.repeat(20_000)}</a>`), ['']);
  });
});

describe('an element that is carried elsewhere', () => {
  const carry = (xml: string, to: ReadonlyMap<string, string>): string => fromUtf8(carried(utf8(xml), scope, to));

  it('declares what it inherited and would not inherit there', () => {
    const there = new Map([...noBindings, ['', 'urn:other'], ['p', 'urn:p']]);
    assert.equal(carry('<a><p:b/></a>', there), `<a xmlns='jabber:client'><p:b/></a>`);
    assert.equal(carry('<same:a/>', there), `<same:a xmlns:same='urn:p'/>`);
    assert.equal(carry(`<a xmlns='urn:mine'/>`, there), `<a xmlns='urn:mine'/>`);
  });

  it('takes back a default namespace that it did not have', () => {
    const bare = new Map(noBindings);
    assert.equal(fromUtf8(carried(utf8('<a/>'), bare, scope)), `<a xmlns=''/>`);
  });
});
