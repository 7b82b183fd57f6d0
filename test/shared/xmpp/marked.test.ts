import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { marked } from '../../../shared/xmpp/marked.ts';
import { scope } from './sealed.ts';

const mark = (stanza: string): string => fromUtf8(marked(utf8(stanza), scope, '[not <encrypted>] '));
const text = '[not &lt;encrypted&gt;] ';

describe('a mark', () => {
  it('stands before the text of each body, and nowhere else', () => {
    assert.equal(
      mark(
        `<message a='>'><body xml:lang='de' b='/'>eins</body><subject>s</subject><body><![CDATA[two]]></body></message>`,
      ),
      `<message a='>'><body xml:lang='de' b='/'>${text}eins</body><subject>s</subject><body>${text}<![CDATA[two]]></body></message>`,
    );
  });

  it('stands in XHTML-IM too, which clients show instead (XEP-0071)', () => {
    const html = (inside: string): string =>
      `<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>${inside}</body></html>`;
    assert.equal(
      mark(`<message><body>x</body>${html('<p>x</p>')}</message>`),
      `<message><body>${text}x</body>${html(`${text}<p>x</p>`)}</message>`,
    );
  });

  it('leaves a message without text as it is, and bodies of others', () => {
    for (const stanza of [
      '<message/>',
      '<message><body/></message>',
      `<message><body xmlns='urn:other'>x</body></message>`,
      '<message><x><body>x</body></x></message>',
    ]) {
      assert.equal(mark(stanza), stanza);
    }
  });
});
