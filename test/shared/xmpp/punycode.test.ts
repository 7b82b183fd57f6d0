import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { decodePunycode, encodePunycode } from '../../../shared/xmpp/punycode.ts';
import { prepDomain, toAsciiDomain } from '../../../shared/xmpp/domain.ts';

describe('Punycode (RFC 3492)', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  it('encodes and decodes the samples of §7.1', () => {
    for (const [text, encoded] of [
      ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
      ['למההםפשוטלאמדבריםעברית', '4dbcagdahymbxekheh6e0a7fei0b'],
      ['なぜみんな日本語を話してくれないのか', 'n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa'],
      ['почемужеонинеговорятпорусски', 'b1abfaaepdrnnbgefbadotcwatmq2g4l'],
      ['PorquénopuedensimplementehablarenEspañol', 'PorqunopuedensimplementehablarenEspaol-fmd56a'],
      ['3年B組金八先生', '3B-ww4c5e180e575a65lsy2b'],
      ['MajiでKoiする5秒前', 'MajiKoi5-783gue6qz075azm5e'],
      ['パフィーdeルンバ', 'de-jg4avhby1noc0d'],
      ['-> $1.00 <-', '-> $1.00 <--'],
    ] as const) {
      assert.equal(encodePunycode(text), encoded);
      assert.equal(decodePunycode(encoded), text);
    }
  });

  it('gives back any text that fits a label', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 8 }), (text) => {
        const encoded = encodePunycode(text)!;
        if (encoded.length <= 63) assert.equal(decodePunycode(encoded), text);
      }),
    );
  });

  it('refuses what is none, and never hangs on it', () => {
    for (const encoded of ['é', '!', 'a-9', '999999999999', 'a'.repeat(64), 'zzzzzzzzzzzzzz', '-']) {
      assert.equal(decodePunycode(encoded), undefined, encoded);
    }
  });

  it('names domains to DNS as the URL standard does', () => {
    for (const domain of ['bücher.example', '例え.テスト', 'пример.испытание', 'example.test', 'faß.example']) {
      const prepared = prepDomain(domain);
      assert.ok(typeof prepared === 'string');
      assert.equal(toAsciiDomain(prepared), domainToASCII(domain));
    }
  });
});
