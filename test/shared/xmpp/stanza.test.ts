import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { readBindRequest, readBindResult, stanzaHead } from '../../../shared/xmpp/stanza.ts';

const scope = new Map([
  ['', 'jabber:client'],
  ['s', 'http://etherx.jabber.org/streams'],
]);
const bind = `xmlns='urn:ietf:params:xml:ns:xmpp-bind'`;

describe('head of a stanza', () => {
  it('has name, namespace and addressing, decoded', () => {
    assert.deepEqual(stanzaHead(utf8(`<message to='a' from="b" type='chat' id='&lt;1'><body/></message>`), scope), {
      namespace: 'jabber:client',
      local: 'message',
      id: '<1',
      type: 'chat',
      to: 'a',
      from: 'b',
    });
  });

  it('has no key for an absent attribute, nor for one with a prefix', () => {
    assert.deepEqual(stanzaHead(utf8(`<s:error x:id='1' xmlns:x='u'/>`), scope), {
      namespace: 'http://etherx.jabber.org/streams',
      local: 'error',
    });
  });

  it('may be in no namespace, but not behind a prefix that is not bound', () => {
    assert.equal(stanzaHead(utf8(`<message xmlns=''/>`), scope).namespace, '');
    assert.throws(
      () => stanzaHead(utf8('<x:message/>'), scope),
      (error) => error instanceof SimppError && error.code === 'invalid-namespace',
    );
  });
});

describe('resource binding (RFC 6120 §7)', () => {
  it('is read from the result: the full JID as the server wrote it', () => {
    const result = `<iq type='result' id='1'><bind ${bind}><jid>Juliet@example.test/&lt;r&gt;\n</jid></bind></iq>`;
    assert.equal(readBindResult(utf8(result), scope), 'Juliet@example.test/<r>');
  });

  it('is read under any prefixes', () => {
    const result = `<c:iq xmlns:c='jabber:client' type='result'><b:bind xmlns:b='urn:ietf:params:xml:ns:xmpp-bind'><b:jid>a@b/c</b:jid></b:bind></c:iq>`;
    assert.equal(readBindResult(utf8(result), scope), 'a@b/c');
  });

  it('is not taken from anything that only looks like it', () => {
    for (const other of [
      `<iq type='set'><bind ${bind}><jid>a@b/c</jid></bind></iq>`,
      `<iq type='error'><bind ${bind}><jid>a@b/c</jid></bind></iq>`,
      `<message type='result'><bind ${bind}><jid>a@b/c</jid></bind></message>`,
      `<iq xmlns='urn:other' type='result'><bind ${bind}><jid>a@b/c</jid></bind></iq>`,
      `<iq type='result'><x><bind ${bind}><jid>a@b/c</jid></bind></x></iq>`,
      `<iq type='result'><bind xmlns='urn:other'><jid>a@b/c</jid></bind></iq>`,
      `<iq type='result'><bind ${bind}><jid xmlns='urn:other'>a@b/c</jid></bind></iq>`,
      `<iq type='result'><![CDATA[<bind ${bind}><jid>a@b/c</jid></bind>]]></iq>`,
      `<iq type='result'/>`,
    ]) {
      assert.equal(readBindResult(utf8(other), scope), undefined, other);
    }
  });

  it('is read from the request, with the wish for a resource if there is one', () => {
    assert.deepEqual(readBindRequest(utf8(`<iq type='set' id='7'><bind ${bind}/></iq>`), scope), { id: '7' });
    assert.deepEqual(
      readBindRequest(utf8(`<iq type='set' id='7'><bind ${bind}><resource>r</resource></bind></iq>`), scope),
      { id: '7', resource: 'r' },
    );
    assert.equal(readBindRequest(utf8(`<iq type='get' id='7'><bind ${bind}/></iq>`), scope), undefined);
  });
});
