import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SimppError } from '../../../shared/errors.ts';
import { bareJid, domainOf, formatJid, parseJid } from '../../../shared/xmpp/jid.ts';

const prepared = (text: string): string => formatJid(parseJid(text));

function refused(text: string, naming: RegExp): void {
  assert.throws(
    () => parseJid(text),
    (error) => error instanceof SimppError && error.code === 'jid-invalid' && naming.test(error.message),
    JSON.stringify(text),
  );
}

describe('JID (RFC 7622)', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  it('has a domain, and perhaps a localpart and a resource', () => {
    assert.deepEqual(parseJid('example.test'), { domain: 'example.test' });
    assert.deepEqual(parseJid('juliet@example.test'), { local: 'juliet', domain: 'example.test' });
    assert.deepEqual(parseJid('example.test/r'), { domain: 'example.test', resource: 'r' });
    assert.deepEqual(parseJid('juliet@example.test/a@b/c'), {
      local: 'juliet',
      domain: 'example.test',
      resource: 'a@b/c',
    });
  });

  it('gives its bare form and its domain', () => {
    assert.equal(bareJid('Juliet@Example.Test/Balcony'), 'juliet@example.test');
    assert.equal(bareJid('Example.Test/Balcony'), 'example.test');
    assert.equal(domainOf('Juliet@Example.Test/Balcony'), 'example.test');
  });

  it('prepares the valid examples of RFC 7622 §3.5', () => {
    for (const [text, expected] of [
      ['juliet@example.com', 'juliet@example.com'],
      ['juliet@example.com/foo', 'juliet@example.com/foo'],
      ['juliet@example.com/foo bar', 'juliet@example.com/foo bar'],
      ['juliet@example.com/foo@bar', 'juliet@example.com/foo@bar'],
      ['foo\\20bar@example.com', 'foo\\20bar@example.com'],
      ['fussball@example.com', 'fussball@example.com'],
      ['fu\u00dfball@example.com', 'fu\u00dfball@example.com'],
      ['\u03c0@example.com', '\u03c0@example.com'],
      ['\u03a3@example.com/foo', '\u03c3@example.com/foo'],
      ['\u03c3@example.com/foo', '\u03c3@example.com/foo'],
      ['\u03c2@example.com/foo', '\u03c2@example.com/foo'],
      ['king@example.com/\u265a', 'king@example.com/\u265a'],
      ['example.com', 'example.com'],
      ['example.com/foobar', 'example.com/foobar'],
      ['a.example.com/b@example.net', 'a.example.com/b@example.net'],
    ] as const) {
      assert.equal(prepared(text), expected);
    }
  });

  it('refuses the examples of RFC 7622 §3.5 that are none', () => {
    refused('"juliet"@example.com', /localpart.*"/);
    refused('foo bar@example.com', /localpart.*U\+0020/);
    refused('@example.com', /localpart.*empty/);
    refused('@example.com/', /empty/);
    refused('henry\u2163@example.com', /localpart.*U\+2163/);
    // The same for compatibility forms that are letters (RFC 8264 §9.17).
    refused('mi\u017f@example.com', /localpart.*U\+017F/);
    refused('\u212bngstrom@example.com', /localpart.*U\+212B/);
    refused('\u265a@example.com', /localpart.*U\+265A/);
    refused('juliet@', /domain.*empty/);
    refused('/foobar', /domain.*empty/);
    refused('', /domain.*empty/);
    refused('juliet@example.com/', /resource.*empty/);
  });

  it('refuses in localparts what RFC 7622 §3.3.1 forbids beyond PRECIS', () => {
    // / and @ end a localpart, so they can't get there.
    for (const char of ['"', '&', "'", ':', '<', '>'])
      refused(`a${char}b@example.test`, new RegExp(`localpart.*${char}`));
    // Full-width forms become them.
    for (const char of ['\uff02', '\uff06', '\uff0f', '\uff1c', '\uff20'])
      refused(`a${char}b@example.test`, /localpart/);
  });

  it('compares localparts without case, width and form of accents (RFC 8265 §3.3)', () => {
    assert.equal(prepared('\uff2aULIET@x.test'), 'juliet@x.test');
    assert.equal(prepared('E\u0301va@x.test'), '\u00e9va@x.test');
    assert.equal(prepared('ΆΣ@x.test'), 'άς@x.test');
  });

  it('keeps case in resources, and turns other spaces into ordinary ones (RFC 8265 §4.2)', () => {
    assert.equal(prepared('a@x.test/Bal\u00a0cony\u3000E\u0301'), 'a@x.test/Bal cony \u00c9');
    refused('a@x.test/a\tb', /resource.*U\+0009/);
    refused('a@x.test/a\u200bb', /resource.*U\+200B/);
    refused('a@x.test/a\ud800', /resource.*Unicode/);
  });

  it('refuses mixed directions of writing in localparts (RFC 5893)', () => {
    assert.equal(prepared('\u05e0\u05d5\u05e2\u05dd@x.test'), '\u05e0\u05d5\u05e2\u05dd@x.test');
    assert.equal(prepared('\u0627\u06281@x.test'), '\u0627\u06281@x.test');
    refused('a\u05d0@x.test', /localpart.*directions/);
    refused('1\u05d0@x.test', /localpart.*directions/);
    refused('\u05d0a\u05d0@x.test', /localpart.*directions/);
    refused('\u05d0-@x.test', /localpart.*directions/);
    refused('\u05d01\u0661@x.test', /localpart.*directions/);
  });

  it('applies the contextual rules of RFC 5892 appendix A', () => {
    for (const valid of [
      'col\u00b7lega',
      '\u0375\u03b1',
      '\u05d0\u05f3',
      '\u30a2\u30fb\u30a2',
      '\u0915\u094d\u200d\u0937',
      '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
    ]) {
      assert.equal(prepared(`${valid}@x.test`), `${valid}@x.test`);
    }
    for (const invalid of [
      'a\u00b7b',
      '\u0375a',
      'a\u05f3',
      'a\u30fbb',
      'a\u200db',
      'a\u200cb',
      '\u0627\u200c\u0628',
    ]) {
      refused(`${invalid}@x.test`, /localpart/);
    }
    refused('\u0627\u0661\u06f1@x.test', /localpart/);
  });

  it('refuses parts of more than 1023 bytes', () => {
    assert.equal(parseJid(`${'a'.repeat(1023)}@x.test/${'b'.repeat(1023)}`).resource?.length, 1023);
    refused(`${'a'.repeat(1024)}@x.test`, /localpart.*1023/);
    refused(`${'é'.repeat(512)}@x.test`, /localpart.*1023/);
    refused(`a@x.test/${'b'.repeat(1024)}`, /resource.*1023/);
  });

  it('is the same when prepared again', () => {
    // Blocks with letters, so that many are valid, and all others.
    const point = fc.oneof(
      fc.integer({ min: 0x20, max: 0x24f }),
      fc.integer({ min: 0x250, max: 0x1fff }),
      fc.integer({ min: 0xa640, max: 0xabff }),
      fc.integer({ min: 0, max: 0x10ffff }),
    );
    const part = fc.array(point, { minLength: 1, maxLength: 3 }).map((points) => String.fromCodePoint(...points));
    let valid = 0;
    fc.assert(
      fc.property(part, part, (local, resource) => {
        let once: string;
        try {
          once = prepared(`${local}@x.test/${resource}`);
        } catch (error) {
          assert.ok(error instanceof SimppError && error.code === 'jid-invalid', String(error));
          return;
        }
        valid++;
        assert.equal(prepared(once), once);
      }),
      {
        numRuns: 1000,
        examples: [
          ['Ａ', 'Ｂ'],
          ['ẞ', '\u1e9e'],
          ['İ', 'İ'],
        ],
      },
    );
    assert.ok(valid > 50, `${valid} were valid`);
  });
});

describe('domain of a JID', () => {
  it('is compared without case and final dot', () => {
    assert.equal(domainOf('EXAMPLE.Test.'), 'example.test');
    refused('a@.', /domain.*empty/);
    refused('a@x..', /domain.*label/);
  });

  it('is the same as A-label and as U-label (RFC 5890)', () => {
    for (const same of [
      'bücher.example',
      'BÜCHER.example',
      'bu\u0308cher.example',
      'xn--bcher-kva.example',
      'XN--BCHER-KVA.Example',
    ]) {
      assert.equal(domainOf(`a@${same}`), 'bücher.example');
    }
    assert.equal(domainOf('a@例え。テスト'), '例え.テスト');
    assert.equal(domainOf('a@xn--r8jz45g.xn--zckzah'), '例え.テスト');
    assert.equal(domainOf('faß.example'), 'faß.example');
  });

  it('is refused with A-labels that are not what their U-label encodes to', () => {
    for (const label of ['xn--', 'xn--a', 'xn--abc-', 'xn--BCHER-KVb9', 'xn--\u00fc', 'xn--99999999']) {
      refused(`a@${label}.example`, /domain.*label/);
    }
  });

  it('is refused with characters that no label has', () => {
    for (const domain of [
      'a b',
      'a!b',
      'a@b',
      'a_b\u00a0',
      '☃.example',
      'a\u200b',
      '-a',
      'a-',
      'ab--\u00fc',
      '\u0301a',
      'a\u05d0',
      '[a]',
    ]) {
      refused(`x@${domain}`, /domain|localpart/);
    }
    assert.equal(domainOf('x@my_host'), 'my_host');
  });

  it('has labels of at most 63 bytes and at most 253 in all, in the form of DNS', () => {
    assert.equal(domainOf(`${'a'.repeat(63)}.b`), `${'a'.repeat(63)}.b`);
    refused('a'.repeat(64), /label of more than 63/);
    refused('ü'.repeat(63), /label of more than 63/);
    refused(Array.from({ length: 64 }, () => 'abc').join('.'), /253/);
  });

  it('may be an IP address; IPv6 in brackets, in one form (RFC 5952)', () => {
    assert.equal(domainOf('a@127.0.0.1'), '127.0.0.1');
    for (const [text, expected] of [
      ['[::1]', '[::1]'],
      ['[0:0:0:0:0:0:0:1]', '[::1]'],
      ['[2001:DB8:0:0:1:0:0:1]', '[2001:db8::1:0:0:1]'],
      ['[2001:db8::]', '[2001:db8::]'],
      ['[1:2:3:4:5:6:0:8]', '[1:2:3:4:5:6:0:8]'],
      ['[::ffff:1.2.3.4]', '[::ffff:102:304]'],
      ['[10:0:0:20::]', '[10:0:0:20::]'],
    ] as const) {
      assert.equal(domainOf(`a@${text}/r`), expected);
    }
    for (const text of [
      '[]',
      '[1]',
      '[:1]',
      '[1::2::3]',
      '[1:2:3:4:5:6:7:8:9]',
      '[g::]',
      '[::1.2.3.256]',
      '[1.2.3.4::]',
      '[::1',
      '::1',
    ]) {
      refused(`a@${text}`, /domain/);
    }
  });
});
