import assert from 'node:assert/strict';
import fc from 'fast-check';
import { utf8 } from '../../../shared/bytes.ts';
import { parseElement } from '../../../shared/xml/parse.ts';
import { element, escapeText, startTag } from '../../../shared/xml/write.ts';
import { readStartTag } from '../../../shared/xml/tag.ts';
import { textOf } from '../../../shared/xml/children.ts';
import { header, scan } from './stream.ts';

// Every kind of character, the ones with a meaning in XML often.
const character = fc.oneof(
  fc.constantFrom('<', '>', '&', '"', "'", ']]>', '\r\n', '\t', ' ', '\0', '\ufffe'),
  fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point).toWellFormed()),
);

describe('XML writer', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  it('writes elements with attributes and children, and leaves undefined attributes out', () => {
    assert.equal(
      element('a', { b: `1'"<&`, c: undefined }, element('d'), escapeText('<&>')),
      `<a b='1&apos;&quot;&lt;&amp;'><d/>&lt;&amp;&gt;</a>`,
    );
    assert.equal(startTag('s:s', { to: 'x' }), `<s:s to='x'>`);
  });

  it('takes no plain string as a child: forgetting to escape does not compile', () => {
    // @ts-expect-error a string is not Xml
    assert.equal(element('a', {}, 'text'), '<a>text</a>');
  });

  it('writes any text so that a reader gets it back, and the scanner passes it', () => {
    fc.assert(
      fc.property(
        fc.array(character, { maxLength: 20 }).map((characters) => characters.join('')),
        (text) => {
          const xml = element('a', { b: text }, escapeText(text));
          assert.equal(scan(header + xml).error, undefined);
          // eslint-disable-next-line no-control-regex
          const carried = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
          const bytes = utf8(xml);
          assert.equal(textOf(bytes), carried);
          assert.equal(readStartTag(bytes).attributes.get('b'), carried);
          assert.equal(parseElement(bytes).getText(), carried);
        },
      ),
    );
  });

  it('replaces lone surrogates, which no encoding carries', () => {
    assert.equal(escapeText('a\ud800b'), 'a\ufffdb');
  });
});
