import assert from 'node:assert/strict';
import { fromUtf8 } from '../../../shared/bytes.ts';
import { featuresStage } from '../../../proxy/stages/features.ts';
import { element, lastEffects } from './arrive.ts';

const forwarded = (xml: string): string => {
  const [effect, ...more] = lastEffects(featuresStage, [element('server', xml)]);
  assert(effect?.kind === 'forward' && more.length === 0);
  return effect.bytes === undefined ? xml : fromUtf8(effect.bytes);
};

describe('the features stage', () => {
  it('removes starttls, -PLUS, channel bindings, compression, SASL2 and nothing else', () => {
    const sasl = (inner: string): string =>
      `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${inner}</mechanisms>`;
    const given =
      `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>` +
      sasl('<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>') +
      `<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>` +
      `<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>` +
      `<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism></authentication>` +
      `<unheard-of xmlns='urn:x'  a = "1"/></stream:features>`;
    assert.equal(
      forwarded(given),
      `<stream:features>${sasl('<mechanism>SCRAM-SHA-1</mechanism>')}<unheard-of xmlns='urn:x'  a = "1"/></stream:features>`,
    );
  });

  it('is idempotent: a gateway before it has removed the same', () => {
    const once = forwarded(`<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`);
    assert.equal(forwarded(once), once);
  });

  it('passes every other element of the server', () => {
    assert.deepEqual(lastEffects(featuresStage, [element('server', '<message/>')]), [{ kind: 'forward' }]);
  });

  it('answers <starttls/>, which was not offered, with its failure and the end of the stream', () => {
    const xml = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
    const [reply, end] = lastEffects(featuresStage, [element('client', xml)]);
    assert(reply?.kind === 'reply' && fromUtf8(reply.bytes) === `<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    assert(end?.kind === 'end' && end.end.kind === 'refused');
  });

  it('answers <compress/> with its failure, and the stream goes on', () => {
    const xml = `<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>`;
    const effects = lastEffects(featuresStage, [element('client', xml)]);
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['reply'],
    );
  });
});
