import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { SimppError } from '../../../shared/errors.ts';
import { readHeader, streamFooter, writeHeader } from '../../../shared/xmpp/stream-header.ts';
import { scan } from '../xml/stream.ts';

const streams = 'http://etherx.jabber.org/streams';

function refused(header: string, code: ErrorCode): void {
  assert.throws(
    () => readHeader(utf8(header)),
    (error) => error instanceof SimppError && error.code === code,
  );
}

describe('stream header (RFC 6120 §4.7)', () => {
  it('is read with addresses as written, language, version and bindings', () => {
    const header = readHeader(
      utf8(
        `<?xml version='1.0'?><stream:stream to='Example.test' from='a@b/c' id='&lt;1' xml:lang='de' version='1.0' xmlns='jabber:client' xmlns:stream='${streams}' xmlns:x='urn:x'>`,
      ),
    );
    const { bindings, tag, ...rest } = header;
    assert.deepEqual(rest, { to: 'Example.test', from: 'a@b/c', id: '<1', lang: 'de', version: '1.0' });
    assert.deepEqual(
      [bindings.get(''), bindings.get('stream'), bindings.get('x')],
      ['jabber:client', streams, 'urn:x'],
    );
    assert.equal(tag.name, 'stream:stream');
  });

  it('has no key for what is absent: the presence of version decides about features (§4.7.5)', () => {
    const { bindings, tag, ...rest } = readHeader(utf8(`<s:stream xmlns='jabber:client' xmlns:s='${streams}'>`));
    assert.deepEqual(rest, {});
    assert.equal(bindings.get('s'), streams);
    assert.equal(tag.prefix, 's');
  });

  it('may have the namespace of streams by default, and its stanzas under a prefix (§4.8.3)', () => {
    const { bindings, tag } = readHeader(utf8(`<stream xmlns='${streams}' xmlns:c='jabber:client'>`));
    assert.deepEqual([bindings.get(''), bindings.get('c'), tag.prefix], [streams, 'jabber:client', '']);
  });

  it('is refused in another namespace, with another default namespace and with another name (§4.8)', () => {
    refused(`<stream:stream xmlns='jabber:client' xmlns:stream='http://example.test'>`, 'invalid-namespace');
    refused(`<stream:stream xmlns='jabber:client'>`, 'invalid-namespace');
    refused(`<stream xmlns='jabber:client'>`, 'invalid-namespace');
    refused(`<stream:stream xmlns='jabber:server' xmlns:stream='${streams}'>`, 'invalid-namespace');
    refused(`<stream:stream xmlns:stream='${streams}'>`, 'invalid-namespace');
    refused(`<stream:flood xmlns='jabber:client' xmlns:stream='${streams}'>`, 'bad-format');
    assert.equal(new SimppError('bad-format').streamCondition, 'bad-format');
    assert.equal(new SimppError('invalid-namespace').streamCondition, 'invalid-namespace');
  });

  it('is written with an XML declaration, and read back the same', () => {
    const written = { to: `a'b`, from: 'example.test', id: '<&>', lang: 'en', version: '1.0' };
    const bytes = writeHeader(written);
    assert.ok(new TextDecoder().decode(bytes).startsWith(`<?xml version="1.0"?>`));
    const { bindings, tag, ...rest } = readHeader(bytes);
    assert.deepEqual(rest, written);
    assert.deepEqual([bindings.get(''), bindings.get('stream'), tag.name], ['jabber:client', streams, 'stream:stream']);
  });

  it('leaves absent attributes out, and is closed by the footer', () => {
    const header = new TextDecoder().decode(writeHeader({ to: 'example.test' }));
    assert.ok(!/version='|id=|from=|lang/.test(header));
    const { parts } = scan(header + new TextDecoder().decode(streamFooter));
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['header', 'footer'],
    );
  });
});
