import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { withAttribute, withoutAttribute } from '../../../shared/xml/attribute.ts';

const without = (xml: string, name: string): string => fromUtf8(withoutAttribute(utf8(xml), name));

describe('an attribute of a start tag', () => {
  it('is taken out with the white space before it, and every other byte stays', () => {
    const xml = `<é:a b='1'\n\tc = "x > d='no'"  d='2' dd='3' ><b d='4'/></é:a>`;
    assert.equal(without(xml, 'd'), `<é:a b='1'\n\tc = "x > d='no'" dd='3' ><b d='4'/></é:a>`);
    assert.equal(without(xml, 'c'), `<é:a b='1'  d='2' dd='3' ><b d='4'/></é:a>`);
  });

  it('that is not there leaves the same array', () => {
    const bytes = utf8(`<a b='c'><d e='f'/></a>`);
    assert.equal(withoutAttribute(bytes, 'e'), bytes);
  });

  it('is added behind the name, escaped, in a header behind its declaration too', () => {
    const added = fromUtf8(withAttribute(utf8(`<?xml version='1.0'?><é:a/>`), 'b', `<'&`));
    assert.equal(added, `<?xml version='1.0'?><é:a b='&lt;&apos;&amp;'/>`);
  });
});
