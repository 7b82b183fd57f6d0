import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { rebinding } from '../../../shared/xml/rebind.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';

const bindings = (entries: Readonly<Record<string, string>>): Bindings => new Map(Object.entries(entries));
const move = (from: Bindings, to: Bindings, xml: string): string => fromUtf8(rebinding(from, to)(utf8(xml)));

describe('an element that goes from one stream to another', () => {
  const plain = bindings({ '': 'jabber:client', stream: 'urn:streams' });

  it('is the same array where the headers bind the same, or more', () => {
    const bytes = utf8('<message/>');
    assert.equal(rebinding(plain, plain)(bytes), bytes);
    assert.equal(rebinding(plain, bindings({ ...Object.fromEntries(plain), x: 'urn:x' }))(bytes), bytes);
  });

  it('declares what only its old stream bound, or bound to something else', () => {
    const old = bindings({ '': 'jabber:client', stream: 'urn:streams', x: 'urn:x', y: 'urn:y&' });
    const next = bindings({ '': 'jabber:client', stream: 'urn:streams', x: 'urn:other' });
    assert.equal(move(old, next, `<x:a b='c'/>`), `<x:a xmlns:x='urn:x' xmlns:y='urn:y&amp;' b='c'/>`);
    assert.equal(move(old, next, `<x:a xmlns:x='own'/>`), `<x:a xmlns:y='urn:y&amp;' xmlns:x='own'/>`);
  });

  it('is in no namespace where it was in none', () => {
    assert.equal(move(bindings({}), plain, '<a/>'), `<a xmlns=''/>`);
  });
});
