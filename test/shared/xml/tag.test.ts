import assert from 'node:assert/strict';
import { concat, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { bindingsOf, isElement, namespaceOf, noBindings, readStartTag } from '../../../shared/xml/tag.ts';

describe('start tag', () => {
  it('reads names, decoded attributes and offsets, and nothing behind it', () => {
    const bytes = utf8(`<s:a b='1&lt;2' c = "&#x41;&apos;"\n><broken`);
    const tag = readStartTag(bytes);
    assert.deepEqual([tag.name, tag.prefix, tag.local, tag.selfClosing], ['s:a', 's', 'a', false]);
    assert.deepEqual(
      [...tag.attributes],
      [
        ['b', '1<2'],
        ['c', "A'"],
      ],
    );
    assert.deepEqual([tag.start, tag.end], [0, bytes.indexOf(0x3e) + 1]);
  });

  it('is found behind byte order mark, XML declaration and white space of a header', () => {
    const bytes = concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(`<?xml version='1.0'?>\n<a/>`));
    const tag = readStartTag(bytes);
    assert.deepEqual([tag.name, tag.selfClosing, tag.start, tag.end], ['a', true, bytes.length - 4, bytes.length]);
  });

  it('is read from the middle of other bytes', () => {
    assert.equal(readStartTag(utf8('<a><b c="d"/></a>'), 3).name, 'b');
  });

  it('ends at the first > outside of quotes', () => {
    const tag = readStartTag(utf8(`<a b='/>' c=">"/>`));
    assert.deepEqual([tag.attributes.get('b'), tag.attributes.get('c'), tag.selfClosing], ['/>', '>', true]);
  });

  it('does not take a slash inside of a value for the end of the tag', () => {
    assert.equal(readStartTag(utf8(`<a b='c/'>`)).selfClosing, false);
  });

  it('normalises white space in values, but not referred one (XML 1.0 §3.3.3)', () => {
    assert.equal(readStartTag(utf8(`<a b='1\r\n2\t3&#10;4'/>`)).attributes.get('b'), '1 2 3\n4');
  });

  it('keeps characters in names that are white space elsewhere, but not in XML', () => {
    const tag = readStartTag(utf8(`<a\ufeffb c\ufeff='1'/>`));
    assert.deepEqual([tag.name, ...tag.attributes.keys()], ['a\ufeffb', 'c\ufeff']);
  });

  it('keeps attributes that are named like properties of every object', () => {
    const { attributes } = readStartTag(utf8(`<a __proto__='1' constructor='2'/>`));
    assert.deepEqual([attributes.get('__proto__'), attributes.get('constructor'), attributes.size], ['1', '2', 2]);
    assert.equal(attributes.get('toString'), undefined);
  });

  for (const bytes of [
    '',
    'a',
    '<',
    '<a',
    `<a b='`,
    '<>',
    '<a b>',
    '<a b=c>',
    `<a b=''c=''>`,
    `<a b='&amp'/>`,
    '</a>',
  ]) {
    it(`refuses ${bytes === '' ? 'nothing' : bytes}`, () => {
      assert.throws(
        () => readStartTag(utf8(bytes)),
        (error) => error instanceof SimppError && error.code === 'not-well-formed',
      );
    });
  }

  it('refuses invalid UTF-8', () => {
    const bytes = Uint8Array.of(0x3c, 0xff, 0x3e);
    assert.throws(
      () => readStartTag(bytes),
      (error) => error instanceof SimppError && error.code === 'invalid-encoding',
    );
  });
});

describe('namespaces of elements', () => {
  const outer = bindingsOf(readStartTag(utf8(`<s:s xmlns='d' xmlns:s='streams'>`)));

  it('come from the element itself first, then from around it', () => {
    assert.equal(namespaceOf(readStartTag(utf8(`<a xmlns='own'/>`)), outer), 'own');
    assert.equal(namespaceOf(readStartTag(utf8('<a/>')), outer), 'd');
    assert.equal(namespaceOf(readStartTag(utf8('<s:a/>')), outer), 'streams');
    assert.equal(namespaceOf(readStartTag(utf8(`<x:a xmlns:x='own'/>`)), outer), 'own');
  });

  it('are undefined for a prefix that is not bound and for an undeclared default', () => {
    assert.equal(namespaceOf(readStartTag(utf8('<x:a/>')), outer), undefined);
    assert.equal(namespaceOf(readStartTag(utf8(`<a xmlns=''/>`)), outer), undefined);
    assert.equal(namespaceOf(readStartTag(utf8('<a/>'))), undefined);
  });

  it('know the prefix xml without declaration (Namespaces in XML §3)', () => {
    assert.equal(namespaceOf(readStartTag(utf8('<xml:a/>'))), 'http://www.w3.org/XML/1998/namespace');
  });

  it('are inherited as the same object when an element declares none', () => {
    assert.equal(bindingsOf(readStartTag(utf8(`<a b=''/>`)), outer), outer);
    assert.equal(bindingsOf(readStartTag(utf8('<a/>'))), noBindings);
    assert.equal(outer.get('s'), 'streams');
  });

  it('decide with the local name what an element is, whatever its prefix', () => {
    assert.ok(isElement(readStartTag(utf8('<s:a/>')), outer, 'streams', 'a'));
    assert.ok(isElement(readStartTag(utf8(`<a xmlns='streams'/>`)), outer, 'streams', 'a'));
    assert.ok(!isElement(readStartTag(utf8('<a/>')), outer, 'streams', 'a'));
    assert.ok(!isElement(readStartTag(utf8('<s:b/>')), outer, 'streams', 'a'));
  });
});
