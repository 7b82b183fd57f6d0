import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { type Copy, copyIn, isTrueCopy, withInner } from '../../../shared/xmpp/copies.ts';
import { scope } from './sealed.ts';

const own = 'juliet@example.test';
const inner = `<message xmlns='jabber:client' from='romeo@example.test/a' to='${own}'><body>x</body></message>`;
const forwarded = (message: string): string =>
  `<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'/>${message}</forwarded>`;
const carbon = (kind: string, message = inner): string =>
  `<${kind} xmlns='urn:xmpp:carbons:2'>${forwarded(message)}</${kind}>`;
const result = (message = inner): string =>
  `<result xmlns='urn:xmpp:mam:2' queryid='q' id='i'>${forwarded(message)}</result>`;
const message = (children: string, from: string | undefined = own): string =>
  `<message${from === undefined ? '' : ` from='${from}'`} to='${own}/a'>${children}</message>`;
const read = (stanza: string): Copy => {
  const copy = copyIn(utf8(stanza), scope);
  assert.ok(copy);
  return copy;
};

describe('the message within a message', () => {
  it('is that of a carbon (XEP-0280) or of a result of history (XEP-0313)', () => {
    for (const [stanza, kind, queryId, archiveId] of [
      [message(carbon('sent')), 'sent', undefined, undefined],
      [message(carbon('received')), 'received', undefined, undefined],
      [message(result()), 'history', 'q', 'i'],
    ] as const) {
      const copy = read(stanza);
      assert.deepEqual(
        [copy.kind, copy.queryId, copy.archiveId, copy.carrier, copy.from, copy.to],
        [kind, queryId, archiveId, own, 'romeo@example.test/a', own],
      );
      assert.equal(fromUtf8(copy.inner), inner);
    }
  });

  it('inherits what is declared around it', () => {
    const stanza = `<message><c:sent xmlns:c='urn:xmpp:carbons:2'><f:forwarded xmlns:f='urn:xmpp:forward:0'><message/></f:forwarded></c:sent></message>`;
    assert.equal(read(stanza).innerScope.get('f'), 'urn:xmpp:forward:0');
  });

  it('is changed while every byte around it stays', () => {
    const stanza = message(`\n <x xmlns='u'>é</x>${carbon('sent')} `);
    const changed = withInner(utf8(stanza), read(stanza), utf8('<message/>'));
    assert.equal(fromUtf8(changed), stanza.replace(inner, '<message/>'));
  });

  it('gives a carbon the type of what it carries, which may have been another one on the wire (XEP-0280 §5)', () => {
    const asChat = inner.replace('<message', `<message type='chat'`);
    const stanza = message(carbon('sent', asChat)).replace('<message', `<message type='chat'`);
    const restoredAs = (type: string): string =>
      fromUtf8(withInner(utf8(stanza), read(stanza), utf8(inner.replace('<message', `<message${type}`))));
    assert.match(restoredAs(''), /^<message type='normal' from=/);
    assert.match(restoredAs(` type='normal'`), /^<message type='normal' from=/);
    assert.match(restoredAs(` type='chat'`), /^<message type='chat' from=/);
    const history = message(result(asChat));
    const changed = withInner(utf8(history), read(history), utf8(inner));
    assert.equal(fromUtf8(changed), message(result(inner)));
  });

  it('is looked for one level deep only', () => {
    const nested = inner.replace('<body>', `${carbon('sent')}<body>`);
    assert.equal(fromUtf8(read(message(result(nested))).inner), nested);
  });

  it('is none of a plain message, an event, a forwarded one, or another stanza', () => {
    for (const stanza of [
      inner,
      `<message><event xmlns='http://jabber.org/protocol/pubsub#event'>${carbon('sent')}</event></message>`,
      message(forwarded(inner)),
      `<iq>${carbon('sent')}</iq>`,
      message(carbon('private')),
    ]) {
      assert.equal(copyIn(utf8(stanza), scope), undefined, stanza);
    }
  });

  it('is refused when it is not clear which one a client would show', () => {
    for (const stanza of [
      message(carbon('sent') + carbon('received')),
      message(carbon('sent') + result()),
      message(`${carbon('sent')}<body>injected</body>`),
      message(carbon('sent', inner + inner)),
      message(carbon('sent', '')),
      message(`<sent xmlns='urn:xmpp:carbons:2'>${forwarded(inner)}${forwarded(inner)}</sent>`),
      message(`<sent xmlns='urn:xmpp:carbons:2'>${inner}</sent>`),
    ]) {
      assert.throws(
        () => copyIn(utf8(stanza), scope),
        (error) => error instanceof SimppError && error.code === 'unexpected-element',
        stanza,
      );
    }
  });
});

describe('a true copy (CVE-2017-5589)', () => {
  const isTrue = (stanza: string, room?: string): boolean => isTrueCopy(read(stanza), own, room);
  const room = 'room@muc.example.test';

  it("comes from one's own account, which has no resource", () => {
    assert.ok(isTrue(message(carbon('sent'))));
    assert.ok(isTrue(message(carbon('sent')).replace(` from='${own}'`, '')));
    assert.ok(isTrue(message(carbon('sent'), 'Juliet@EXAMPLE.test')));
    for (const from of [`${own}/a`, 'mallory@example.test', 'example.test', '', '@']) {
      assert.ok(!isTrue(message(carbon('sent'), from)), from);
    }
  });

  it('is of history also when the room sends it', () => {
    assert.ok(isTrue(message(result(), room), room));
    assert.ok(!isTrue(message(result(), room)));
    assert.ok(!isTrue(message(result(), `${room}/nick`), room));
    assert.ok(!isTrue(message(carbon('sent'), room), room));
  });
});
