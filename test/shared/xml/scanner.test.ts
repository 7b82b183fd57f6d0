import assert from 'node:assert/strict';
import { concat, utf8 } from '../../../shared/bytes.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { SimppError } from '../../../shared/errors.ts';
import { clientLimits, StreamScanner } from '../../../shared/xml/scanner.ts';
import { header, piecesOf, scan, scanPieces, shown } from './stream.ts';

/** Asserts the error, in one piece and byte by byte. */
function refused(stream: string | Uint8Array, code: ErrorCode): void {
  const bytes = typeof stream === 'string' ? utf8(stream) : stream;
  assert.equal(scan(bytes).error, code);
  assert.equal(scanPieces(piecesOf(bytes, 1)).error, code, 'byte by byte');
}

/** Asserts that one element passes untouched, in one piece and byte by byte. */
function accepted(element: string): void {
  const bytes = utf8(header + element);
  for (const outcome of [scan(bytes), scanPieces(piecesOf(bytes, 1))]) {
    assert.equal(outcome.error, undefined);
    assert.deepEqual(shown(outcome.parts), [`header ${header}`, `element ${element}`]);
  }
}

const inside = (content: string): string => `${header}<a>${content}</a>`;

describe('stream scanner: what it accepts', () => {
  it('returns header, elements, white space and footer, in order and byte for byte', () => {
    const { parts, rest } = scan(`${header}<a/> \r\n<b>c</b></stream:stream>\n`);
    assert.deepEqual(shown(parts), [
      `header ${header}`,
      'element <a/>',
      'space  \r\n',
      'element <b>c</b>',
      'footer </stream:stream>',
      'space \n',
    ]);
    assert.equal(rest.length, 0);
  });

  it('takes an XML declaration into the header part', () => {
    for (const declaration of [
      `<?xml version='1.0'?>`,
      `<?xml version="1.0" encoding='utf-8' standalone = "yes" ?>\n  `,
      `<?xml version='1.1'?>`,
    ]) {
      assert.deepEqual(shown(scan(declaration + header).parts), [`header ${declaration}${header}`]);
    }
  });

  it('accepts a UTF-8 byte order mark at the very start', () => {
    const bytes = concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(`<?xml version='1.0'?>${header}`));
    for (const { parts, error } of [scan(bytes), scanPieces(piecesOf(bytes, 1))]) {
      assert.equal(error, undefined);
      assert.deepEqual(parts[0]?.bytes, bytes);
    }
  });

  it('passes a keepalive as soon as it arrives', () => {
    const scanner = new StreamScanner(clientLimits);
    scanner.push(utf8(header));
    assert.equal(scanner.next()?.kind, 'header');
    scanner.push(utf8(' '));
    assert.deepEqual(scanner.next(), { kind: 'space', bytes: utf8(' ') });
    assert.equal(scanner.next(), undefined);
  });

  for (const [what, element] of [
    ['CDATA', '<a><![CDATA[<b> & ]] ]>]]]]></a>'],
    ['empty CDATA', '<a><![CDATA[]]></a>'],
    [
      'predefined and character references',
      `<a b='&lt;&#10;'>&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;&#x00000000000041;</a>`,
    ],
    ['both kinds of quotes and the other one inside', `<a b='"' c="'"/>`],
    ['> in text and in attribute values', `<a b='/>'>a > b ]> c</a>`],
    ['white space inside of tags', `<a\n b\t=\r\n'c' ></a\t>`],
    ['line breaks in attribute values', `<a b='c\nd\te'/>`],
    ['names beyond ASCII', '<größe maß="1"><漢字/></größe>'],
    ['prefixes', `<x:a xmlns:x='u' x:b='c'/>`],
    ['every width of UTF-8', '<a>\u0080é߿ࠀ漢\ud7ff\ue000\ufffd𐀀\u{10ffff}</a>'],
    ['delete, which XML 1.0 permits', '<a>\x7f</a>'],
    ['many attributes', `<a ${Array.from({ length: 100 }, (_, i) => `b${i}=''`).join(' ')}/>`],
  ] as const) {
    it(`accepts ${what}`, () => accepted(element));
  }

  it('takes a stream whose root has any name, and wants that name again at its end', () => {
    const { parts, error } = scan('<s:s xmlns:s="u"></s:s >');
    assert.equal(error, undefined);
    assert.deepEqual(shown(parts), ['header <s:s xmlns:s="u">', 'footer </s:s >']);
  });
});

describe('stream scanner: restricted XML (RFC 6120 §11.1)', () => {
  for (const [what, stream] of [
    ['a comment in a stanza', inside('<!-- c -->')],
    ['a comment between stanzas', `${header}<!-- c -->`],
    ['a comment before the stream', `<!-- c -->${header}`],
    ['a processing instruction in a stanza', inside('<?php ?>')],
    ['a processing instruction between stanzas', `${header}<?php ?>`],
    ['a processing instruction before the stream', `<?php ?>${header}`],
    ['a style sheet before the stream', `<?xml-stylesheet href='x'?>${header}`],
    ['a second XML declaration', `<?xml version='1.0'?><?xml version='1.0'?>${header}`],
    ['an XML declaration in the middle of a stream', `${header}<?xml version='1.0'?>`],
    ['an XML declaration behind white space', ` <?xml version='1.0'?>${header}`],
    ['a DTD', `<!DOCTYPE stream [<!ENTITY a 'b'>]>${header}`],
    ['a DTD between stanzas', `${header}<!DOCTYPE a>`],
    ['an entity in text', inside('&nbsp;')],
    ['an entity in an attribute value', `${header}<a b='&nbsp;'/>`],
    ['an entity named like a predefined one in capitals', inside('&AMP;')],
  ] as const) {
    it(`refuses ${what}`, () => refused(stream, 'restricted-xml'));
  }
});

describe('stream scanner: well-formedness (RFC 6120 §11.3, XML 1.0)', () => {
  for (const [what, stream] of [
    ['an end tag with another name', `${header}<a></b>`],
    ['an end tag whose name only begins alike', `${header}<a></ab>`],
    ['an end tag whose name ends too early', `${header}<ab></a>`],
    ['tags that overlap', `${header}<a><b></a></b>`],
    ['an end tag with another prefix', `${header}<x:a></y:a>`],
    ['an end tag with attributes', `${header}<a></a b=''>`],
    ['an end tag that closes itself', `${header}<a></a/>`],
    ['a white space before the name of an end tag', `${header}<a></ a>`],
    ['a stream closed by another name', `${header}</stream>`],
    ['a stream closed by a longer name', `${header}</stream:streams>`],
    ['a root that closes itself', `<stream:stream xmlns:stream='u'/>`],
    ['an attribute that stands twice', `${header}<a b='1' c='' b='1'/>`],
    [
      'an attribute that stands twice among many',
      `${header}<a ${'bcdefghijklmnopqrstuvwxyz'
        .split('')
        .map((n) => `${n}=''`)
        .join(' ')} z=''/>`,
    ],
    ['< in an attribute value', `${header}<a b='<'/>`],
    ['an attribute value without quotes', `${header}<a b=c/>`],
    ['an attribute without value', `${header}<a b/>`],
    ['an attribute without value before another', `${header}<a b c=''/>`],
    ['an attribute without name', `${header}<a =''/>`],
    ['attributes without space between', `${header}<a b=''c=''/>`],
    ['quotes that differ', `${header}<a b='c"></a>`],
    ['text between stanzas', `${header}<a/>b`],
    ['CDATA between stanzas', `${header}<![CDATA[a]]>`],
    ['a reference between stanzas', `${header}&#32;`],
    ['text before the stream', `a${header}`],
    ['text after the stream', `${header}</stream:stream>a`],
    ['an element after the stream', `${header}</stream:stream><a/>`],
    ['a NUL in text', inside('\0')],
    ['a control character in text', inside('\u0001')],
    ['a control character in CDATA', inside('<![CDATA[\u001f]]>')],
    ['a control character in an attribute value', `${header}<a b='\u000b'/>`],
    ['a control character in a tag', `${header}<a\u000cb=''/>`],
    ['U+FFFE', inside('\ufffe')],
    ['U+FFFF in an attribute value', `${header}<a b='\uffff'/>`],
    ['&#0;', inside('&#0;')],
    ['a reference to a control character', inside('&#x1;')],
    ['a reference to a surrogate', inside('&#xD83D;')],
    ['a reference to U+FFFF', inside('&#xFFFF;')],
    ['a reference beyond Unicode', inside('&#x110000;')],
    ['a reference with huge digits', inside(`&#${'9'.repeat(40)};`)],
    ['an empty reference', inside('&;')],
    ['a character reference without digits', inside('&#;')],
    ['a hexadecimal reference without digits', inside('&#x;')],
    ['a hexadecimal reference with a capital X', inside('&#X41;')],
    ['a decimal reference with letters', inside('&#4a;')],
    ['an ampersand alone', inside('a & b')],
    ['a reference that does not end', inside('&amp<b/>')],
    ['a reference without end', inside(`&${'a'.repeat(100)}`)],
    [']]> in text', inside('a]]>b')],
    ['CDATA in small letters', inside('<![cdata[a]]>')],
    ['a tag without name', inside('<>')],
    ['a tag whose name begins with a digit', inside('<1/>')],
    ['a tag whose name begins with a space', inside('< a/>')],
    ['a name with two colons', inside('<a:b:c/>')],
    ['a name that begins with a colon', inside('<:a/>')],
    ['a name that ends with a colon', inside('<a:/>')],
    ['a local name that begins with a digit', inside('<a:1/>')],
    ['a name with a multiplication sign', inside('<a\u00d7/>')],
    ['a slash in the middle of a tag', inside('<a/b/>')],
    ['a slash and a space at the end of a tag', inside('<a/ >')],
    ['a < in the middle of a tag', inside('<a <b/>')],
    ['a wrong XML declaration', `<?xml?>${header}`],
    ['an XML declaration that does not end', `<?xml version='1.0' ${' '.repeat(300)}`],
    ['an XML declaration of version 2', `<?xml version='2.0'?>${header}`],
  ] as const) {
    it(`refuses ${what}`, () => refused(stream, 'not-well-formed'));
  }

  it('finds an error as soon as its byte is there, not when the element ends', () => {
    const scanner = new StreamScanner(clientLimits);
    scanner.push(utf8(`${header}<a><b></c`));
    assert.equal(scanner.next()?.kind, 'header');
    assert.throws(() => scanner.next(), SimppError);
  });

  it('throws the same error ever after', () => {
    const scanner = new StreamScanner(clientLimits);
    scanner.push(utf8(`${header}x`));
    scanner.next();
    const thrown: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      try {
        scanner.next();
      } catch (error) {
        thrown.push(error);
      }
      scanner.push(utf8('<a/>'));
    }
    assert.equal(thrown.length, 2);
    assert.equal(thrown[0], thrown[1]);
  });
});

describe('stream scanner: encoding (RFC 6120 §11.6)', () => {
  for (const [what, bytes] of [
    ['a lone continuation byte', [0x80]],
    ['a two-byte overlong form', [0xc0, 0xbc]],
    ['a two-byte overlong form of DEL', [0xc1, 0xbf]],
    ['a three-byte overlong form', [0xe0, 0x9f, 0xbf]],
    ['a four-byte overlong form', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a lead byte that never occurs', [0xf5, 0x80, 0x80, 0x80]],
    ['a two-byte character cut by markup', [0xc3]],
    ['a three-byte character cut by markup', [0xe6, 0xbc]],
    ['a four-byte character cut by markup', [0xf0, 0x9f, 0x98]],
  ] as const) {
    it(`refuses ${what} in text, attribute values, CDATA and names`, () => {
      for (const [before, after] of [
        [`${header}<a>`, '</a>'],
        [`${header}<a b='`, `'/>`],
        [`${header}<a><![CDATA[`, ']]></a>'],
        [`${header}<a`, '/>'],
      ] as const) {
        refused(concat(utf8(before), Uint8Array.from(bytes), utf8(after)), 'invalid-encoding');
      }
    });
  }

  it('refuses an XML declaration that names another encoding', () => {
    refused(`<?xml version='1.0' encoding='ISO-8859-1'?>${header}`, 'invalid-encoding');
    refused(`<?xml version='1.0' encoding="UTF-16"?>${header}`, 'invalid-encoding');
  });

  it('refuses the byte order marks of UTF-16', () => {
    refused(Uint8Array.of(0xff, 0xfe, 0x3c, 0), 'invalid-encoding');
    refused(Uint8Array.of(0xfe, 0xff, 0, 0x3c), 'invalid-encoding');
  });
});

describe('stream scanner: limits (RFC 6120 §13.12)', function () {
  // Other work on the machine must not fail a test that only computes.
  this.timeout(30_000);

  const limits = { maxHeaderBytes: 200, maxElementBytes: 100, maxDepth: 3 };

  it('accepts an element of exactly the limit and refuses one byte more', () => {
    const fits = `<a>${'x'.repeat(93)}</a>`;
    assert.equal(scan(header + fits, { limits }).parts.length, 2);
    assert.equal(scan(`${header}<a>${'x'.repeat(94)}</a>`, { limits }).error, 'too-large');
  });

  it('refuses what is too large before it is complete, wherever it grows', () => {
    for (const growing of [
      '<a>',
      '<a b="',
      '<a b="&lt;',
      '<a',
      '<a ',
      '<a b',
      '<a b ',
      '<a><![CDATA[',
      '<a>]',
      '</stream:stream',
    ]) {
      const pad = growing.endsWith('stream') ? ' ' : growing.endsWith(']') ? ']' : growing.endsWith(' ') ? ' ' : 'x';
      const { error, mostBuffered } = scanPieces(piecesOf(utf8(header + growing + pad.repeat(1000)), 1), { limits });
      assert.equal(error, 'too-large', growing);
      assert.ok(mostBuffered <= 200, `${growing} buffered ${mostBuffered}`);
    }
  });

  it('counts each element for itself', () => {
    assert.equal(scan(header + '<a>xxxxxxxxxxxxxxxxxxxx</a>'.repeat(1000), { limits }).parts.length, 1001);
  });

  it('refuses a header that is too large before it is complete', () => {
    assert.equal(scan(`<stream:stream a='${'x'.repeat(200)}`, { limits }).error, 'too-large');
    assert.equal(scan(`<?xml version='1.0'?>${' '.repeat(200)}`, { limits }).error, 'too-large');
  });

  it('accepts the greatest depth and refuses one more as soon as its tag begins', () => {
    assert.equal(scan(`${header}<a><b><c/></b></a>`, { limits }).error, undefined);
    assert.equal(scan(`${header}<a><b><c><d`, { limits }).error, 'too-deep');
  });

  it('refuses ten thousand levels at the client limit', () => {
    const { error, rest } = scanPieces(piecesOf(utf8(header + '<a>'.repeat(10_000)), 100));
    assert.equal(error, 'too-deep');
    assert.ok(rest.length < 400);
  });

  it('stays cheap on many tiny pieces: the work is linear in the bytes', () => {
    const size = 250 * 1024;
    // Shapes that a scanner reads again from some start when it is careless.
    const shapes = [
      `<a>${'x'.repeat(size)}</a>`,
      `<a b='${'x'.repeat(size)}'/>`,
      `<a ${'x'.repeat(size)}=''/>`,
      `<a${' '.repeat(size)}/>`,
      `<a><![CDATA[${']'.repeat(size)}]]></a>`,
      `<a>${'&amp;'.repeat(size / 5)}</a>`,
      `<a>${'漢'.repeat(size / 3)}</a>`,
      `<a ${Array.from({ length: size / 12 }, (_, i) => `${i.toString(36).padStart(5, '_')}=''`).join(' ')}/>`,
    ];
    for (const shape of shapes) {
      const before = process.cpuUsage();
      const { parts, error } = scanPieces(piecesOf(utf8(header + shape), 10));
      const { user, system } = process.cpuUsage(before);
      assert.deepEqual([parts.length, error], [2, undefined]);
      // Measured 2–25 ms; quadratic work would take many seconds.
      assert.ok(user + system < 1_000_000, `${shape.slice(0, 16)}… took ${(user + system) / 1000} ms`);
    }
  });
});

describe('stream scanner: switching streams', () => {
  it('takes pipelined auth, header and bind', () => {
    const bytes = utf8(`<?xml version='1.0'?>${header}<auth/>\n<?xml version='1.0'?>${header}<iq/>`);
    const expected = ['header', 'element', 'space', 'header', 'element'];
    for (const pieces of [[bytes], [...piecesOf(bytes, 1)]]) {
      const { parts, error } = scanPieces(pieces, { restartAfter: (index) => index === 1 });
      assert.equal(error, undefined);
      assert.deepEqual(
        parts.map(({ kind }) => kind),
        expected,
      );
    }
  });

  it('wants a header after restart()', () => {
    const { error } = scan(`${header}<auth/></stream:stream>`, { restartAfter: (index) => index === 1 });
    assert.equal(error, 'not-well-formed');
  });

  it('gives back bytes that belong to what follows, and goes on afresh', () => {
    const scanner = new StreamScanner(clientLimits);
    scanner.push(utf8(`${header}<proceed/>\x16\x03\x01`));
    scanner.next();
    scanner.next();
    assert.equal(scanner.bufferedBytes, 3);
    assert.deepEqual(scanner.takeBuffered(), Uint8Array.of(0x16, 3, 1));
    assert.equal(scanner.bufferedBytes, 0);
    scanner.restart();
    scanner.push(utf8(header));
    assert.equal(scanner.next()?.kind, 'header');
  });

  it('gives back a part that has only begun, and forgets that it had begun', () => {
    for (const begun of ['<a b="', '<', '</stream', '<a><b>']) {
      const scanner = new StreamScanner(clientLimits);
      scanner.push(utf8(header + begun));
      scanner.next();
      assert.equal(scanner.next(), undefined);
      assert.deepEqual(scanner.takeBuffered(), utf8(begun));
      scanner.push(utf8('<c/>'));
      assert.deepEqual(scanner.next(), { kind: 'element', bytes: utf8('<c/>') });
    }
  });

  it('owns what it returns: neither the pushed piece nor later parts change it', () => {
    const scanner = new StreamScanner(clientLimits);
    const piece = utf8(`${header}<a/>`);
    scanner.push(piece);
    scanner.next();
    const part = scanner.next();
    piece.fill(0);
    scanner.push(utf8('<b/>'));
    scanner.next();
    assert.deepEqual(part?.bytes, utf8('<a/>'));
    assert.equal(part?.bytes.buffer.byteLength, 4);
  });

  it('never writes to what was pushed', () => {
    const scanner = new StreamScanner(clientLimits);
    const pieces = [`${header}<a/><b`, '>x</b><c', "/><d e='f'", '/>'].map(utf8);
    const before = pieces.map((piece) => piece.slice());
    for (const piece of pieces) {
      scanner.push(piece);
      while (scanner.next() !== undefined) continue;
    }
    assert.equal(scanner.bufferedBytes, 0);
    assert.deepEqual(pieces, before);
  });

  it('does not hold a long piece for the beginning of a part at its end', () => {
    const scanner = new StreamScanner(clientLimits);
    const piece = utf8(`${header}<a>${'x'.repeat(1000)}</a><b`);
    scanner.push(piece);
    while (scanner.next() !== undefined) continue;
    piece.fill(0);
    scanner.push(utf8('/>'));
    assert.deepEqual(scanner.next(), { kind: 'element', bytes: utf8('<b/>') });
  });

  it('is not disturbed by other streams that are in the middle of something, too', () => {
    const streams = ['a', 'b', 'c'].map((name) => {
      const pieces = piecesOf(utf8(`${header}<${name} x='1'><y z='${name}'/>t</${name}><${name}/>`), 7);
      return { name, scanner: new StreamScanner(clientLimits), pieces: [...pieces], seen: [] as string[] };
    });
    while (streams.some(({ pieces }) => pieces.length > 0)) {
      for (const { scanner, pieces, seen } of streams) {
        const piece = pieces.shift();
        if (piece !== undefined) scanner.push(piece);
        for (let part = scanner.next(); part !== undefined; part = scanner.next()) seen.push(...shown([part]));
      }
    }
    for (const { name, seen } of streams) {
      const elements = [`element <${name} x='1'><y z='${name}'/>t</${name}>`, `element <${name}/>`];
      assert.deepEqual(seen, [`header ${header}`, ...elements]);
    }
  });
});
