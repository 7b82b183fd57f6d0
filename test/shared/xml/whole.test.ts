import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { checkElement } from '../../../shared/xml/whole.ts';

const limits = { maxBytes: 100, maxDepth: 3 };
const codeOf = (bytes: Uint8Array): string => {
  try {
    checkElement(bytes, limits);
    return 'passed';
  } catch (error) {
    assert.ok(error instanceof SimppError);
    return error.code;
  }
};

describe('bytes that claim to be one element', () => {
  it('pass when they are, and nothing more', () => {
    assert.equal(codeOf(utf8('<a><b><c/></b>text</a>')), 'passed');
    for (const xml of ['', ' <a/>', '<a/> ', '<a/><b/>', '<a>', 'text', '<a></b>', '<a/>\0']) {
      assert.equal(codeOf(utf8(xml)), 'not-well-formed', xml);
    }
  });

  it('are refused beyond the limits, in restricted XML, and in another encoding', () => {
    assert.equal(codeOf(utf8(`<a>${'x'.repeat(100)}</a>`)), 'too-large');
    assert.equal(codeOf(utf8('<a><b><c><d/></c></b></a>')), 'too-deep');
    assert.equal(codeOf(utf8('<a><!-- no --></a>')), 'restricted-xml');
    assert.equal(codeOf(utf8(`<?xml version='1.0'?><a/>`)), 'restricted-xml');
    assert.equal(codeOf(utf8('<!DOCTYPE a><a/>')), 'restricted-xml');
    assert.equal(codeOf(Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e)), 'invalid-encoding');
    assert.equal(codeOf(Uint8Array.from(Buffer.from('<a/>', 'utf16le'))), 'not-well-formed');
  });
});
