import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { filterFeatures, isFeatures, readFeatures } from '../../../shared/xmpp/features.ts';

const scope = new Map([
  ['', 'jabber:client'],
  ['stream', 'http://etherx.jabber.org/streams'],
]);

const features = (content: string): Uint8Array => utf8(`<stream:features>${content}</stream:features>`);
const filtered = (content: string): string => fromUtf8(filterFeatures(features(content), scope)).slice(17, -18);

const sasl = (...names: string[]): string =>
  `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${names.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms>`;
const simpp = `<simpp xmlns='urn:simpp:stream:2'>\n<suite> P256 </suite><suite>X</suite><fingerprint>q83v</fingerprint></simpp >`;

describe('stream features', () => {
  it('are read: TLS, SASL, bind, stream management, registration and XEP-0078', () => {
    const read = readFeatures(
      features(
        `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>${sasl('SCRAM-SHA-1', ' PLAIN ')}` +
          `<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>` +
          `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/><sm xmlns='urn:xmpp:sm:2'/>` +
          `<auth xmlns='http://jabber.org/features/iq-auth'/><register xmlns='http://jabber.org/features/iq-register'/>`,
      ),
      scope,
    );
    assert.deepEqual(read, {
      starttls: 'required',
      mechanisms: ['SCRAM-SHA-1', 'PLAIN'],
      channelBindings: ['tls-exporter'],
      simpp: [],
      bind: true,
      streamManagement: ['urn:xmpp:sm:3', 'urn:xmpp:sm:2'],
      legacyAuth: true,
      registration: true,
    });
  });

  it('are empty when nothing known is offered, whatever else is', () => {
    for (const element of [utf8('<stream:features/>'), features(`<starttls xmlns='urn:other'/><bind/>`)]) {
      const read = readFeatures(element, scope);
      assert.deepEqual([read.starttls, read.mechanisms, read.simpp, read.bind], ['none', [], [], false]);
    }
    assert.equal(
      readFeatures(features(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`), scope).starttls,
      'optional',
    );
  });

  it('give SIMPP offers with the bytes exactly as received: they enter the handshake (protocol.md §4)', () => {
    const classic = simpp.replaceAll('stream:2', 'stream:classic');
    const [offer, second, ...others] = readFeatures(features(sasl('PLAIN') + simpp + classic), scope).simpp;
    assert.equal(fromUtf8(offer!.offer), simpp);
    assert.deepEqual(
      [offer!.namespace, offer!.suites, offer!.fingerprint],
      ['urn:simpp:stream:2', ['P256', 'X'], 'q83v'],
    );
    assert.deepEqual([second!.namespace, fromUtf8(second!.offer)], ['urn:simpp:stream:classic', classic]);
    assert.equal(others.length, 0);
  });

  it('are read with any prefixes', () => {
    const element = utf8(
      `<features xmlns='http://etherx.jabber.org/streams' xmlns:s='urn:ietf:params:xml:ns:xmpp-sasl'><s:mechanisms><s:mechanism>PLAIN</s:mechanism></s:mechanisms></features>`,
    );
    assert.deepEqual(readFeatures(element, scope).mechanisms, ['PLAIN']);
  });

  it('are told from other elements', () => {
    assert.ok(isFeatures(features(''), scope));
    assert.ok(!isFeatures(utf8('<features/>'), scope));
    assert.throws(
      () => readFeatures(utf8('<message/>'), scope),
      (error) => error instanceof SimppError && error.code === 'unexpected-element',
    );
    assert.throws(() => filterFeatures(utf8('<message/>'), scope), SimppError);
  });
});

describe('features that a client sees (transparency.md §3.1)', () => {
  for (const removed of [
    `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>`,
    `<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/></sasl-channel-binding>`,
    `<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>`,
    `<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/><fast xmlns='urn:xmpp:fast:0'/></inline></authentication>`,
  ]) {
    it(`lack ${removed.slice(0, removed.indexOf('>') + 1)}, and keep all around it`, () => {
      assert.equal(
        filtered(` <a/>\n${removed}\t<b c = "'" ></b ><![CDATA[x]]>`),
        ` <a/>\n\t<b c = "'" ></b ><![CDATA[x]]>`,
      );
    });
  }

  it('lack mechanisms that bind channels, and keep the others in order', () => {
    assert.equal(
      filtered(sasl('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS', 'PLAIN')),
      sasl('SCRAM-SHA-256', 'PLAIN'),
    );
    assert.equal(filtered(sasl('X-PLUS-X', 'PLUS')), sasl('X-PLUS-X', 'PLUS'));
    assert.equal(filtered(sasl('SCRAM&#45;SHA-1-<![CDATA[PLUS]]>')), sasl());
  });

  it('keep the same array when nothing is to be removed', () => {
    const element = features(
      `${sasl('PLAIN')}<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>${simpp}`,
    );
    assert.equal(filterFeatures(element, scope), element);
    const empty = utf8('<stream:features/>');
    assert.equal(filterFeatures(empty, scope), empty);
  });

  it('are cut correctly from the middle of a larger buffer', () => {
    const content = `<a/><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${sasl('A-PLUS', 'B')}`;
    const whole = utf8(`xxx<stream:features>${content}</stream:features>yyy`);
    const result = filterFeatures(whole.subarray(3, whole.length - 3), scope);
    assert.equal(fromUtf8(result), `<stream:features><a/>${sasl('B')}</stream:features>`);
  });
});
