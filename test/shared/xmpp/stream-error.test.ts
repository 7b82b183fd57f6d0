import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { parseElement } from '../../../shared/xml/parse.ts';
import { readSasl } from '../../../shared/xmpp/sasl.ts';
import { saslFailure, stanzaError, streamError } from '../../../shared/xmpp/stream-error.ts';
import { header, scan } from '../xml/stream.ts';
import { streamBindings, tree, writeTree } from '../xml/trees.ts';

const scope = new Map([
  ['', 'jabber:client'],
  ['stream', 'http://etherx.jabber.org/streams'],
]);
const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('stream error (RFC 6120 §4.9)', () => {
  it('has a condition, and a text with its language', () => {
    assert.equal(
      fromUtf8(streamError('host-unknown', 'No <such> domain', 'de')),
      `<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='de'>No &lt;such&gt; domain</text></stream:error>`,
    );
    assert.equal(
      fromUtf8(streamError('conflict')),
      `<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
    );
  });
});

describe('SASL failure (RFC 6120 §6.5)', () => {
  it('is read back as it was meant', () => {
    assert.deepEqual(readSasl(saslFailure('not-authorized', `'&'`), scope), {
      kind: 'failure',
      condition: 'not-authorized',
      text: `'&'`,
    });
    assert.equal(
      fromUtf8(saslFailure('aborted')),
      `<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>`,
    );
  });
});

describe('stanza error (RFC 6120 §8.3, transparency.md §5.6)', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  const error = { type: 'cancel', condition: 'not-allowed', text: 'No key', lang: 'en' } as const;

  it('keeps id and children, swaps from and to, and says who made it', () => {
    const original = `<message id='1&amp;' to='b@x' from='a@x/r' type='chat' xml:lang='de'><body>hi<![CDATA[&]]></body></message>`;
    assert.equal(
      fromUtf8(stanzaError(utf8(original), scope, error)!),
      `<message id='1&amp;' to='a@x/r' from='b@x' type='error' xml:lang='de'><body>hi<![CDATA[&]]></body>` +
        `<error type='cancel' by='simpp.invalid'><not-allowed xmlns='${stanzas}'/><text xmlns='${stanzas}' xml:lang='en'>No key</text></error></message>`,
    );
  });

  it('answers a stanza without addresses or children', () => {
    assert.equal(
      fromUtf8(stanzaError(utf8('<iq type="get"/>'), scope, { type: 'wait', condition: 'remote-server-timeout' })!),
      `<iq type='error'><error type='wait' by='simpp.invalid'><remote-server-timeout xmlns='${stanzas}'/></error></iq>`,
    );
  });

  it('puts <error/> into the namespace of the stanza, whatever its prefix', () => {
    const original = `<c:iq xmlns:c='jabber:client' xmlns='urn:x' type='set' id='1'><q/></c:iq>`;
    const tree = parseElement(stanzaError(utf8(original), scope, error)!, scope);
    assert.ok(tree.getChild('error', 'jabber:client')?.getChild('not-allowed', stanzas));
    assert.ok(tree.getChild('q', 'urn:x'));
  });

  it('declares what only the header of the sender binds, for it goes back (transparency.md §3.3)', () => {
    const ofSender = new Map([
      ['', 'http://etherx.jabber.org/streams'],
      ['c', 'jabber:client'],
    ]);
    const bytes = stanzaError(utf8(`<c:message to='b@x' id='1'><c:body>hi</c:body></c:message>`), ofSender, error)!;
    const tree = parseElement(bytes, scope);
    assert.ok(tree.is('message', 'jabber:client'));
    assert.ok(tree.getChild('body', 'jabber:client') && tree.getChild('error', 'jabber:client'));
  });

  it('is never an answer to an error or a result', () => {
    assert.equal(stanzaError(utf8(`<message type='error'/>`), scope, error), undefined);
    assert.equal(stanzaError(utf8(`<iq type='result' id='1'/>`), scope, error), undefined);
  });

  it('is one well-formed element for any stanza', () => {
    fc.assert(
      fc.property(tree, (written) => {
        const bytes = stanzaError(utf8(writeTree(written)), streamBindings, error);
        if (bytes === undefined) return;
        const { parts, error: refused } = scan(header + fromUtf8(bytes));
        assert.equal(refused, undefined);
        assert.deepEqual(
          parts.map(({ kind }) => kind),
          ['header', 'element'],
        );
        const answer = parseElement(bytes, streamBindings);
        assert.equal(answer.attrs['type'], 'error');
        assert.equal(answer.getChildElements().at(-1)?.getChildElements()[0]?.name, 'not-allowed');
      }),
    );
  });
});
