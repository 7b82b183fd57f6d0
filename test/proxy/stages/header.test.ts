import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { rewriteHeader } from '../../../proxy/stages/header.ts';

const rewrite = (header: string, withFrom: boolean): string =>
  fromUtf8(rewriteHeader(utf8(header), { withFrom, domain: 'example.test' }));

describe('the header that goes up', () => {
  const written = `<?xml version="1.0"?>\n<s:stream xmlns:s='x'  from = "a@b"\tto='example.test' xml:lang='de'>`;

  it('is the client’s, byte for byte, on an encrypted leg', () => {
    assert.equal(rewrite(written, true), written);
  });

  it('has no from on a leg that is not encrypted, and is otherwise the client’s', () => {
    assert.equal(
      rewrite(written, false),
      `<?xml version="1.0"?>\n<s:stream xmlns:s='x'\tto='example.test' xml:lang='de'>`,
    );
  });

  it('keeps what only looks like from', () => {
    const header = `<stream to='x from="y"' x:from='a' xfrom="b">`;
    assert.equal(rewrite(header, false), header);
  });

  it('gets the only domain where the client wrote no to', () => {
    assert.equal(rewrite(`<stream version='1.0'>`, true), `<stream to='example.test' version='1.0'>`);
  });
});
