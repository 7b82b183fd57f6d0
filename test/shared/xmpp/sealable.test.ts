import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { sealable } from '../../../shared/xmpp/sealable.ts';
import { scope, sealableOf } from './sealed.ts';

const kindOf = (stanza: string): string => sealable(utf8(stanza), scope).kind;
const contentOf = (stanza: string, bindings = scope): string => fromUtf8(sealableOf(stanza, bindings).content);

describe('what is sealed of a message (docs/protocol.md §9.5)', () => {
  it('is every child, unknown ones too, in order and byte for byte', () => {
    const children = `<x:y xmlns:x='urn:x' a="1"><![CDATA[<&]]>&#x41;</x:y><z xmlns='urn:z'/>`;
    assert.equal(contentOf(`<message to='a'>${children}</message>`), children);
  });

  it('declares what it had from the stream or the message', () => {
    const bindings = new Map([...scope, ['s', 'urn:s']]);
    assert.equal(
      contentOf(`<message xmlns:m='urn:m'><body>x</body><s:a/><b m:c='' xmlns='urn:b'/></message>`, bindings),
      `<body xmlns='jabber:client'>x</body><s:a xmlns:s='urn:s'/><b xmlns:m='urn:m' m:c='' xmlns='urn:b'/>`,
    );
  });

  it('keeps text that stands between the children', () => {
    const start = `<body xmlns='jabber:client'>x</body>`;
    assert.equal(
      contentOf('<message>\n  <body>x</body> odd &amp; <![CDATA[<]]></message>'),
      `\n  ${start} odd &amp; <![CDATA[<]]>`,
    );
  });

  it('is not what servers must see: that has a placeholder at its place', () => {
    const outside = [
      `<store xmlns='urn:xmpp:hints'/>`,
      `<origin-id xmlns='urn:xmpp:sid:0' id='1'/>`,
      `<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>`,
      `<addresses xmlns='http://jabber.org/protocol/address'/>`,
      `<private xmlns='urn:xmpp:carbons:2'/>`,
      `<x xmlns='http://jabber.org/protocol/muc#user'/>`,
    ];
    const message = sealableOf(`<message>${outside[0]}<body>x</body>${outside.slice(1).join('')}</message>`);
    assert.deepEqual(message.outside.map(fromUtf8), outside);
    const content = fromUtf8(message.content);
    assert.match(content, /^<outside xmlns='urn:simpp:e2e:2' name='store' ns='urn:xmpp:hints'\/><body/);
    assert.equal(content.match(/<outside /g)?.length, outside.length);
    assert.equal(message.hint, undefined);
  });

  it('refuses names that mean nothing, which would break the stream of the other client', () => {
    assert.throws(
      () => sealable(utf8('<message><x:y/></message>'), scope),
      (error) => error instanceof SimppError && error.code === 'invalid-namespace',
    );
  });
});

describe('a message that is sealed', () => {
  it('has its language inside, and keeps every other attribute', () => {
    const message = sealableOf(`<message to='a' id='&lt;' xml:lang="de" type='chat' x='1'><body>x</body></message>`);
    assert.equal(fromUtf8(message.startTag), `<message to='a' id='&lt;' type='chat' x='1'>`);
    assert.deepEqual(
      [message.to, message.id, message.type, message.lang, message.innerType],
      ['a', '<', 'chat', 'de', undefined],
    );
  });

  it('is tied to a type that every server leaves as it is', () => {
    const typeOf = (type: string): string => sealableOf(`<message type='${type}'><x xmlns='u'/></message>`).type;
    assert.equal(typeOf('headline'), 'headline');
    // ejabberd takes away what it does not know (RFC 6121 §5.2.2).
    assert.equal(typeOf('unheard-of'), 'normal');
  });

  it('goes as a chat when it is normal and has a body, and only then', () => {
    const typesOf = (stanza: string): readonly unknown[] => {
      const { startTag, type, innerType } = sealableOf(stanza);
      return [fromUtf8(startTag), type, innerType];
    };
    assert.deepEqual(typesOf('<message><body/></message>'), [`<message type='chat'>`, 'chat', '']);
    assert.deepEqual(typesOf(`<message type='normal'><body/></message>`), [`<message type='chat'>`, 'chat', 'normal']);
    assert.deepEqual(typesOf(`<message><x xmlns='u'/></message>`), ['<message>', 'normal', undefined]);
    assert.deepEqual(typesOf(`<message type='headline'><body/></message>`), [
      `<message type='headline'>`,
      'headline',
      undefined,
    ]);
  });

  it('has the text of the body without a language of its own for the archive, else of the first', () => {
    const bodyOf = (bodies: string): string | undefined => sealableOf(`<message>${bodies}</message>`).body;
    assert.equal(bodyOf(`<body xml:lang='de'>eins</body><body>one</body>`), 'one');
    assert.equal(bodyOf(`<body xml:lang='de'>1 &lt; <![CDATA[2]]></body><body xml:lang='en'>b</body>`), '1 < 2');
    assert.equal(bodyOf(`<x xmlns='u'><body/></x>`), undefined);
    assert.equal(bodyOf('<body>a<b/></body>'), '');
  });
});

describe('what a message is to encryption', () => {
  it('is nothing where it has no content', () => {
    assert.equal(kindOf('<message/>'), 'nothing');
    assert.equal(kindOf('<message to="a"> \n</message>'), 'nothing');
    assert.equal(kindOf(`<message><store xmlns='urn:xmpp:hints'/></message>`), 'nothing');
    assert.equal(kindOf('<message>text</message>'), 'content');
  });

  it('is a chat state where nothing but one and its thread is said', () => {
    const state = `<composing xmlns='http://jabber.org/protocol/chatstates'/>`;
    assert.equal(kindOf(`<message type='chat'>${state}</message>`), 'chat-state');
    assert.equal(kindOf(`<message type='chat'><thread>t</thread>${state}</message>`), 'chat-state');
    assert.equal(kindOf(`<message type='chat'><body>x</body>${state}</message>`), 'content');
    assert.equal(kindOf(`<message type='chat'><thread>t</thread></message>`), 'content');
  });

  it('cannot be encrypted where a room processes it (XEP-0045 §7.8.2, §7.13, §8.1)', () => {
    const user = 'http://jabber.org/protocol/muc#user';
    const form = (type: string): string =>
      `<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>${type}</value></field></x>`;
    assert.equal(kindOf(`<message type='groupchat'><subject>s</subject></message>`), 'not-encryptable');
    assert.equal(kindOf(`<message type='groupchat'><subject/></message>`), 'not-encryptable');
    assert.equal(kindOf(`<message><x xmlns='${user}'><invite to='a'/></x></message>`), 'not-encryptable');
    assert.equal(kindOf(`<message><x xmlns='${user}'><decline to='a'/></x></message>`), 'not-encryptable');
    assert.equal(kindOf(`<message>${form('http://jabber.org/protocol/muc#request')}</message>`), 'not-encryptable');
    assert.equal(kindOf(`<message>${form('urn:other')}</message>`), 'content');
    assert.equal(kindOf(`<message><x xmlns='jabber:x:conference' jid='r'/></message>`), 'content');
    assert.equal(kindOf(`<message type='groupchat'><subject>s</subject><body>b</body></message>`), 'content');
  });

  it('cannot be encrypted where it would be refused inside', () => {
    for (const child of [
      `<encrypted xmlns='urn:simpp:e2e:2'/>`,
      `<broken xmlns='urn:simpp:e2e:2'/>`,
      `<trust-message xmlns='urn:xmpp:tm:1' encryption='urn:simpp:e2e:2'/>`,
      `<received xmlns='urn:xmpp:carbons:2'/>`,
      `<result xmlns='urn:xmpp:mam:2'/>`,
    ]) {
      assert.equal(kindOf(`<message><body>x</body>${child}</message>`), 'not-encryptable', child);
    }
  });
});
