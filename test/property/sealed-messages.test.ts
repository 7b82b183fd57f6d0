import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { readEnvelope } from '../../shared/xmpp/envelope.ts';
import { encryptedChild } from '../../shared/xmpp/encrypted-message.ts';
import { readXml, type XmlNode } from '../e2e/diff/xml-stream.ts';
import { streamBindings, tree, writeTree } from '../shared/xml/trees.ts';
import { received, sent } from '../shared/xmpp/sealed.ts';

/** Children that stay outside, among random ones. */
const outside = fc.constantFrom(
  `<store xmlns='urn:xmpp:hints'/>`,
  `<no-copy xmlns='urn:xmpp:hints'/>`,
  `<origin-id xmlns='urn:xmpp:sid:0' id='o'/>`,
  `<sid:stanza-id xmlns:sid='urn:xmpp:sid:0' by='b' id='&lt;'/>`,
  `<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'>why</delay>`,
);
const child = fc.oneof(
  { weight: 3, arbitrary: tree.map(writeTree) },
  { weight: 2, arbitrary: outside },
  { weight: 1, arbitrary: fc.constantFrom('text', ' ', '<![CDATA[<&]]>', '&amp;', '<body>x</body>') },
);
const type = fc.constantFrom('', ` type='chat'`, ` type="normal"`, ` type='headline'`);
const lang = fc.constantFrom('', ` xml:lang='de'`, ` xml:lang = "a&amp;b"`);
const stanza = fc
  .tuple(type, lang, fc.array(child, { minLength: 1, maxLength: 6 }))
  // One that must be sealed, whatever the rest.
  .map(
    ([type, lang, children]) =>
      `<message to='r'${type}${lang} p:a='1'>${children.join('')}<z xmlns='urn:z'/></message>`,
  );

/** What a reader that shares no code with SIMPP sees in it. */
function meaning(xml: string): XmlNode {
  return readXml(xml, Object.fromEntries(streamBindings));
}

/** What of random children an envelope refuses, so that it is not sealed. */
function isSealed(xml: string): boolean {
  return !meaning(xml).children.some(
    (node) => typeof node !== 'string' && node.namespace === 'jabber:client' && node.local === 'message',
  );
}

describe('any message', () => {
  it('is the same to the other client after it was sealed and opened: children, order, text, type, language', () => {
    fc.assert(
      fc.property(stanza.filter(isSealed), (xml) => {
        const wire = sent(xml, streamBindings);
        assert.deepEqual(received(wire, streamBindings).dropped, []);
        assert.deepEqual(meaning(received(wire, streamBindings).stanza), meaning(xml));
      }),
      { numRuns: 300 },
    );
  });

  it('shows nothing of its content on the wire', () => {
    fc.assert(
      fc.property(stanza.filter(isSealed), (xml) => {
        const names = meaning(sent(xml, streamBindings)).children.map((node) =>
          typeof node === 'string' ? 'text' : node.namespace,
        );
        const shown = ['urn:simpp:e2e:2', 'urn:xmpp:eme:0', 'urn:xmpp:hints', 'urn:xmpp:sid:0', 'urn:xmpp:delay'];
        assert.deepEqual(
          names.filter((name) => !shown.includes(name)),
          [],
        );
      }),
      { numRuns: 100 },
    );
  });

  it('has an envelope that is read as it was, or refused, when a byte of it changes', () => {
    fc.assert(
      fc.property(stanza.filter(isSealed), fc.nat(), fc.nat(255), (xml, place, byte) => {
        const envelope = encryptedChild(utf8(sent(xml, streamBindings)), streamBindings);
        assert.ok(envelope);
        const changed = envelope.with(place % envelope.length, byte);
        try {
          readEnvelope(changed);
          // What passes does not break the stream that it is put into.
          readXml(fromUtf8(changed));
        } catch (error) {
          assert.ok(error instanceof SimppError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});
