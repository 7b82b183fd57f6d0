import assert from 'node:assert/strict';
import { fromUtf8, toBase64, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { encryptedChild, writeControl, writeEncrypted } from '../../../shared/xmpp/encrypted-message.ts';
import { scope, sealableOf } from './sealed.ts';

const c6 = Uint8Array.of(1, 2, 3);
const encrypted = `<encrypted xmlns='urn:simpp:e2e:2'>AQID</encrypted>`;
const named = `<encryption xmlns='urn:xmpp:eme:0' namespace='urn:simpp:e2e:2' name='SIMPP'/>`;
const hint = (name: string): string => `<${name} xmlns='urn:xmpp:hints'/>`;
const wire = (stanza: string): string => fromUtf8(writeEncrypted(sealableOf(stanza), c6));

describe('a message on the wire (docs/protocol.md §9.5)', () => {
  it('has the C6, its name for clients without SIMPP, and is stored', () => {
    assert.equal(
      wire(`<message to='romeo@example.test' id='1'><body>x</body></message>`),
      `<message type='chat' to='romeo@example.test' id='1'>${encrypted}${named}${hint('store')}</message>`,
    );
  });

  it('is not stored when it says only who writes', () => {
    const stanza = `<message type='chat'><gone xmlns='http://jabber.org/protocol/chatstates'/></message>`;
    assert.equal(wire(stanza), `<message type='chat'>${encrypted}${named}${hint('no-store')}</message>`);
  });

  it('is stored as servers would have stored it in clear, where they cannot see it', () => {
    const hintOf = (inside: string, type = 'chat'): string | undefined =>
      /<([a-z-]+) xmlns='urn:xmpp:hints'/.exec(wire(`<message type='${type}'>${inside}</message>`))?.[1];
    assert.equal(hintOf('<body>x</body>'), 'store');
    assert.equal(hintOf('<subject>x</subject>'), 'store');
    // Servers do not agree about these, and take what is encrypted alike.
    assert.equal(hintOf('<body/>'), undefined);
    assert.equal(hintOf(`<received xmlns='urn:xmpp:receipts' id='1'/>`), undefined);
    assert.equal(hintOf(`<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>`), undefined);
    assert.equal(hintOf(`<x xmlns='jabber:x:conference' jid='a@b'/>`), undefined);
    assert.equal(hintOf(`<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>`), undefined);
    assert.equal(hintOf(`<x xmlns='urn:example:x'/>`), 'no-permanent-store');
    assert.equal(hintOf('<body>x</body>', 'headline'), undefined);
  });

  it('is stored as its client has said, where it has', () => {
    for (const name of ['store', 'no-store', 'no-permanent-store']) {
      const stanza = `<message type='chat'><body>x</body>${hint(name)}</message>`;
      assert.equal(wire(stanza), `<message type='chat'>${encrypted}${named}${hint(name)}</message>`);
    }
    const uncopied = `<message type='chat'><body>x</body>${hint('no-copy')}</message>`;
    assert.equal(
      wire(uncopied),
      `<message type='chat'>${encrypted}${named}${hint('store')}${hint('no-copy')}</message>`,
    );
  });

  it('keeps the prefix that the client gives its stanzas', () => {
    const bindings = new Map([...scope, ['c', 'jabber:client']]);
    const message = sealableOf('<c:message type="chat"><c:body>x</c:body></c:message>', bindings);
    assert.equal(fromUtf8(message.content), `<c:body xmlns:c='jabber:client'>x</c:body>`);
    assert.match(fromUtf8(writeEncrypted(message, c6)), /^<c:message type="chat"><encrypted .*<\/c:message>$/);
  });

  it('is in no archive when it is control, and waits for nobody unless it must', () => {
    const message = { to: "romeo'@example.test", id: '1' };
    const open = `<message xmlns='jabber:client' type='chat' to='romeo&apos;@example.test' id='1'>`;
    const inside = `${open}${encrypted}${named}${hint('no-permanent-store')}`;
    assert.equal(fromUtf8(writeControl({ ...message, isForLater: false }, c6)), `${inside}</message>`);
    assert.equal(fromUtf8(writeControl({ ...message, isForLater: true }, c6)), `${inside}${hint('store')}</message>`);
  });
});

describe('the C6 of a message', () => {
  const found = (stanza: string, bindings = scope): Uint8Array | undefined => encryptedChild(utf8(stanza), bindings);

  it('is what its child carries, whatever prefix a server gave that', () => {
    assert.deepEqual(found(`<message>${encrypted}</message>`), c6);
    const bindings = new Map([...scope, ['e', 'urn:simpp:e2e:2']]);
    assert.deepEqual(
      found(`<message><x xmlns='u'/><e:encrypted>AQ<![CDATA[ID]]></e:encrypted></message>`, bindings),
      c6,
    );
  });

  it('is in messages only, and in no other element of that name', () => {
    assert.equal(found('<message><body>encrypted</body></message>'), undefined);
    assert.equal(found('<message><body>encrypte</body></message>'), undefined);
    assert.equal(found(`<message><encrypted xmlns='urn:xmpp:omemo:2'>AQID</encrypted></message>`), undefined);
    assert.equal(found(`<message><x xmlns='u'>${encrypted}</x></message>`), undefined);
    assert.equal(found(`<iq>${encrypted}</iq>`), undefined);
  });

  it('is canonical base64 (RFC 4648 §3.5), or the message is refused', () => {
    for (const text of ['AQI', 'AQID ', 'AQIDBB==', 'AQID=', '-_-_', 'AQ<a/>ID']) {
      const stanza = `<message>${encrypted.replace('AQID', text)}</message>`;
      assert.throws(
        () => found(stanza),
        (error) => error instanceof SimppError && error.code === 'malformed-message',
        text,
      );
    }
    assert.equal(toBase64(c6), 'AQID');
  });
});
