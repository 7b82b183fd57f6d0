import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { content as contentMessage } from '../../../shared/simpp/end-to-end-messages.ts';
import {
  brokenContent,
  heartbeatContent,
  optOutContent,
  verificationContent,
} from '../../../shared/xmpp/control-content.ts';
import { paddedSize, payloadOverheadBytes, readEnvelope, writeEnvelope } from '../../../shared/xmpp/envelope.ts';
import { entropy, from, time, to } from './sealed.ts';

const body = `<body xmlns='jabber:client'>x</body>`;
const affixes = `<time stamp='2026-11-24T12:00:00Z'/><from jid='${from}'/><to jid='${to}'/><rpad/>`;
const envelope = (content: string, rest = affixes): string =>
  `<envelope xmlns='urn:xmpp:sce:1'><content>${content}</content>${rest}</envelope>`;
const written = (content: Uint8Array): Uint8Array => writeEnvelope({ content, from, to, time }, entropy);
const codeOf = (xml: string | Uint8Array): string => {
  try {
    readEnvelope(typeof xml === 'string' ? utf8(xml) : xml);
    return 'passed';
  } catch (error) {
    assert.ok(error instanceof SimppError, String(error));
    return error.code;
  }
};

describe('an envelope (XEP-0420, docs/protocol.md §9.5)', () => {
  it('says who, to whom, when, in which language and type', () => {
    const parts = { content: utf8(body), from, to, time, lang: "d'e", innerType: 'normal' } as const;
    const read = readEnvelope(writeEnvelope(parts, entropy));
    assert.deepEqual(
      [read.from, read.to, read.time, read.lang, read.innerType, read.meaning],
      [from, to, time, "d'e", 'normal', { kind: 'content' }],
    );
    assert.match(fromUtf8(read.content), /<body xmlns='jabber:client'>x<\/body><\/content>$/);
  });

  it('fills the payload to the sizes of §9.5', () => {
    const hash = new Uint8Array(32);
    const lists = { senderListVersion: 1, senderListHash: hash, recipientListVersion: 1, recipientListHash: hash };
    for (const length of [1, 100, 1000, 5000, 8000, 9000, 20_000]) {
      const bytes = written(utf8(body.replace('x', 'x'.repeat(length))));
      const payload = contentMessage.encode({ ...lists, envelope: bytes }).length + 16;
      assert.equal(payload, bytes.length + payloadOverheadBytes);
      assert.ok([256, 512, 1024, 2048, 4096, 8192].includes(payload) || payload % 8192 === 0, String(payload));
    }
    assert.deepEqual(
      [1, 256, 257, 8192, 8193, 16_384, 16_385].map(paddedSize),
      [256, 256, 512, 8192, 16_384, 16_384, 24_576],
    );
  });

  it('is not written longer than it may be', () => {
    const tooLong = new Uint8Array(1024 * 1024).fill(0x20);
    assert.throws(
      () => written(tooLong),
      (error) => error instanceof SimppError && error.code === 'too-large',
    );
  });

  it('has each affix once, and nothing else', () => {
    assert.equal(codeOf(envelope(body)), 'passed');
    for (const affix of ['time', 'from', 'to', 'rpad']) {
      const one = new RegExp(`<${affix}[^>]*>`).exec(affixes)?.[0] ?? '';
      assert.equal(codeOf(envelope(body, affixes.replace(one, ''))), 'malformed-message', `without ${affix}`);
      assert.equal(codeOf(envelope(body, affixes + one)), 'malformed-message', `two ${affix}`);
    }
    assert.equal(codeOf(envelope(body, `${affixes}<content/>`)), 'malformed-message');
    assert.equal(codeOf(envelope(body, `${affixes}<other/>`)), 'malformed-message');
    assert.equal(codeOf(envelope(body, `${affixes}text`)), 'malformed-message');
    assert.equal(codeOf(envelope(body, affixes.replace('<rpad/>', '<rpad><a/></rpad>'))), 'malformed-message');
    assert.equal(codeOf(envelope(body).replace('urn:xmpp:sce:1', 'urn:xmpp:sce:0')), 'malformed-message');
  });

  it('has addresses that are bare and prepared, and a time', () => {
    for (const jid of ['', `${from}/balcony`, 'Juliet@example.test', '@', 'a@b@c']) {
      assert.equal(codeOf(envelope(body, affixes.replace(from, jid))), 'malformed-message', jid);
    }
    for (const stamp of ['', 'yesterday', '2026-11-24', '2026-13-24T12:00:00Z', '2026-11-24T12:00:00']) {
      assert.equal(codeOf(envelope(body, affixes.replace('2026-11-24T12:00:00Z', stamp))), 'malformed-message', stamp);
    }
  });

  it('is refused where it would break or deceive the stream that it is put into', () => {
    assert.equal(codeOf(envelope('<x:body/>')), 'invalid-namespace');
    assert.equal(codeOf(envelope('<a></b>')), 'not-well-formed');
    assert.equal(codeOf(envelope('<a><!-- c --></a>')), 'restricted-xml');
    assert.equal(codeOf(envelope('</content><content>')), 'malformed-message');
    assert.equal(codeOf(`${envelope(body)}${envelope(body)}`), 'not-well-formed');
    assert.equal(codeOf(envelope('<a>'.repeat(100) + '</a>'.repeat(100))), 'too-deep');
    assert.equal(codeOf(envelope('x'.repeat(1024 * 1024))), 'too-large');
    assert.equal(codeOf(Uint8Array.from(Buffer.from(envelope('é'), 'latin1'))), 'invalid-encoding');
    assert.equal(codeOf(new Uint8Array(0)), 'not-well-formed');
  });

  it('holds nothing that only servers may say, and no place for what cannot stand outside', () => {
    for (const child of [
      `<error xmlns='jabber:client'/>`,
      `<message xmlns='jabber:client'><body>y</body></message>`,
      `<stanza-id xmlns='urn:xmpp:sid:0' by='${to}' id='1'/>`,
      `<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>`,
      `<x xmlns='http://jabber.org/protocol/muc#user'/>`,
      `<sent xmlns='urn:xmpp:carbons:2'/>`,
      `<result xmlns='urn:xmpp:mam:2'/>`,
      `<features xmlns='http://etherx.jabber.org/streams'/>`,
      `<encrypted xmlns='urn:simpp:e2e:2'/>`,
      `<type xmlns='urn:simpp:e2e:2'>groupchat</type>`,
      `<type xmlns='urn:simpp:e2e:2'/><type xmlns='urn:simpp:e2e:2'/>`,
      `<outside xmlns='urn:simpp:e2e:2' name='body' ns='jabber:client'/>`,
      `<outside xmlns='urn:simpp:e2e:2' name='store' ns='urn:xmpp:hints'>text</outside>`,
    ]) {
      assert.equal(codeOf(envelope(child)), 'malformed-message', child);
      assert.equal(codeOf(envelope(body + child)), 'malformed-message', child);
    }
  });
});

describe('control content of an envelope', () => {
  const verification = { id: 'v1', step: 'commit', value: new Uint8Array(32).fill(7) } as const;

  it('is nothing, or one element alone', () => {
    const meaning = (content: Uint8Array): unknown => readEnvelope(written(content)).meaning;
    assert.deepEqual(meaning(heartbeatContent), { kind: 'heartbeat' });
    assert.deepEqual(meaning(brokenContent), { kind: 'broken' });
    assert.deepEqual(meaning(optOutContent), { kind: 'opt-out' });
    assert.deepEqual(meaning(verificationContent(verification)), { kind: 'verification', verification });
  });

  it('never stands beside something to read', () => {
    for (const control of [brokenContent, optOutContent, verificationContent(verification)]) {
      assert.equal(codeOf(envelope(fromUtf8(control) + body)), 'malformed-message');
      assert.equal(codeOf(envelope(`${fromUtf8(control)}text`)), 'malformed-message');
      assert.equal(codeOf(envelope(fromUtf8(control).repeat(2))), 'malformed-message');
    }
  });

  it('is refused where a verification has another step, length or encoding', () => {
    const good = fromUtf8(verificationContent(verification));
    assert.equal(codeOf(envelope(good)), 'passed');
    for (const [part, other] of [
      [`'commit'`, `'nonce'`],
      [`'commit'`, `'other'`],
      [`'v1'`, `''`],
      [`'v1'`, `'${'v'.repeat(65)}'`],
      ['=</', '</'],
      ['</', ' </'],
      ['</', '<a/></'],
    ] as const) {
      const changed = good.replace(part, other);
      assert.notEqual(changed, good);
      assert.equal(codeOf(envelope(changed)), 'malformed-message', changed);
    }
  });
});
