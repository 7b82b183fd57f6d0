import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { readEnvelope } from '../../../shared/xmpp/envelope.ts';
import { restored, withText } from '../../../shared/xmpp/restored.ts';
import { received, scope, sent } from './sealed.ts';

const addressed = (wire: string): string => wire.replace('<message', `<message from='juliet@example.test/a'`);
const beside = (wire: string, children: string): string => wire.replace('</message>', `${children}</message>`);
const body = `<body xmlns='jabber:client'>x</body>`;
const plain = `<message type='chat' to='r' id='1'>${body}</message>`;

describe('a message that is restored (docs/protocol.md §9.5)', () => {
  it('is what the client sent, with the sender that the server added', () => {
    assert.deepEqual(received(addressed(sent(plain))), { stanza: addressed(plain), dropped: [] });
  });

  it('has the children in the order of its client, also those that stayed outside', () => {
    const children = `<a xmlns='u'/>${hint('store')}${body}<origin-id xmlns='urn:xmpp:sid:0' id='o'/><b xmlns='u'/>`;
    const stanza = `<message type='chat' to='r'>${children}</message>`;
    assert.equal(received(sent(stanza)).stanza, stanza);
  });

  it('has what servers added behind that', () => {
    const added =
      `<stanza-id xmlns='urn:xmpp:sid:0' by='r' id='s'/><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>` +
      `<x xmlns='http://jabber.org/protocol/muc#user'><item/></x>`;
    assert.equal(received(beside(sent(plain), added)).stanza, beside(plain, added));
  });

  it('has what servers added before that at the beginning, in their order', () => {
    const added = `<archived xmlns='urn:xmpp:mam:tmp' by='r' id='s'/><stanza-id xmlns='urn:xmpp:sid:0' by='r' id='s'/>`;
    const wire = sent(plain).replace('<encrypted', `${added}<encrypted`);
    assert.equal(received(wire).stanza, plain.replace(body, `${added}${body}`));
  });

  it('lacks what servers took away', () => {
    const origin = `<origin-id xmlns='urn:xmpp:sid:0' id='o'/>`;
    const wire = sent(`<message type='chat' to='r' id='1'>${origin}${body}</message>`).replace(origin, '');
    assert.equal(received(wire).stanza, plain);
  });

  it('has no hint that the proxy of the sender added', () => {
    assert.match(sent(plain), /<store xmlns/);
    assert.doesNotMatch(received(sent(plain)).stanza, /<store/);
  });

  it('drops and names all else that stands beside <encrypted/>: who put it there is not the contact', () => {
    const injected =
      `<body>pay M</body><x xmlns='jabber:x:oob'><url>http://evil.test</url></x>text` +
      `<encryption xmlns='urn:xmpp:eme:0' namespace='urn:other'/><encrypted xmlns='urn:simpp:e2e:2'>AAAA</encrypted>`;
    assert.deepEqual(received(beside(sent(plain), injected)), {
      stanza: plain,
      dropped: ['body', 'x jabber:x:oob', 'text', 'encryption urn:xmpp:eme:0', 'encrypted urn:simpp:e2e:2'],
    });
  });

  it('names at most 16 of them, shortened', () => {
    const { dropped } = received(beside(sent(plain), `<a xmlns='${'u'.repeat(1000)}'/>`.repeat(40)));
    assert.equal(dropped.length, 16);
    assert.equal(dropped[0]?.length, 64);
  });

  it('has its own type and language again, and every other attribute of the wire', () => {
    const untyped = `<message to='r' xml:lang='de'>${body}</message>`;
    const wire = sent(untyped).replace(` to='r'`, ` to='r' from='j' xml:lang='en'`);
    assert.equal(received(wire).stanza, `<message xml:lang='de' to='r' from='j'>${body}</message>`);
    const normal = `<message type='normal' to='r'>${body}</message>`;
    assert.equal(received(sent(normal)).stanza, normal);
    const unspoken = sent(plain).replace(` to='r'`, ` to='r' xml:lang='en'`);
    assert.match(received(unspoken).stanza, /xml:lang='en'/);
  });

  it('keeps the type that a room or an error has on the wire', () => {
    const untyped = `<message to='r'>${body}</message>`;
    const wire = sent(untyped).replace(`type='chat'`, `type='groupchat'`);
    assert.match(received(wire).stanza, /^<message type='groupchat'/);
  });

  it('comes back within an error, which says why', () => {
    const error = `<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
    const wire = beside(sent(plain), error).replace(`type='chat'`, `type='error'`);
    const { stanza, dropped } = received(wire);
    assert.equal(stanza, beside(plain, error).replace(`type='chat' to='r' id='1'`, `type='error' to='r' id='1'`));
    assert.deepEqual(dropped, []);
  });

  it('means the same where the other stream binds other prefixes', () => {
    const bindings = new Map([...scope, ['', 'urn:other'], ['c', 'jabber:client'], ['p', 'urn:not-p']]);
    const stanza = `<message type='chat'><body>x</body><p:a xmlns:p='urn:p'><y xmlns=''/></p:a></message>`;
    const wire = sent(stanza).replace('<message', '<c:message').replace('</message', '</c:message');
    assert.equal(
      received(wire, bindings).stanza,
      `<c:message type='chat'>${body}<p:a xmlns:p='urn:p'><y xmlns=''/></p:a></c:message>`,
    );
  });
});

describe('an envelope of another implementation', () => {
  it('may bind prefixes around its content: they are declared on what the client gets', () => {
    const envelope = readEnvelope(
      utf8(
        `<e:envelope xmlns:e='urn:xmpp:sce:1' xmlns:c='jabber:client' xmlns='urn:default'><e:content><c:body>x</c:body><y/>` +
          `</e:content><e:rpad/><e:time stamp='2026-11-24T12:00:00Z'/><e:to jid='r'/><e:from jid='j'/></e:envelope>`,
      ),
    );
    assert.equal(
      fromUtf8(restored(utf8(`<message type='chat'/>`), scope, envelope).stanza),
      `<message type='chat'><c:body xmlns:c='jabber:client'>x</c:body><y xmlns='urn:default'/></message>`,
    );
  });
});

describe('a text in the place of a message', () => {
  const replaced = (stanza: string): string => fromUtf8(withText(utf8(stanza), scope, 'cannot be <read>').stanza);

  it('is its only content; addresses, id and what servers added stay', () => {
    const delay = `<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>`;
    assert.equal(
      replaced(beside(addressed(sent(plain)), `<body>other</body>${delay}`)),
      addressed(`<message type='chat' to='r' id='1'><body>cannot be &lt;read&gt;</body>${delay}</message>`),
    );
    assert.equal(replaced('<message/>'), '<message><body>cannot be &lt;read&gt;</body></message>');
  });

  it('stands in the namespace of stanzas, whatever the default is', () => {
    const bindings = new Map([...scope, ['', 'urn:other'], ['c', 'jabber:client']]);
    const { stanza } = withText(utf8('<c:message/>'), bindings, 'a');
    assert.equal(fromUtf8(stanza), `<c:message><body xmlns='jabber:client'>a</body></c:message>`);
  });
});

function hint(name: string): string {
  return `<${name} xmlns='urn:xmpp:hints'/>`;
}
