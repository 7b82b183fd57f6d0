// Known answers from HAProxy's proxy-protocol.txt (2020/03/05) and from the
// headers that its examples describe, each also byte by byte.
import assert from 'node:assert/strict';
import { concat, fromHex, utf8 } from '../../../../shared/bytes.ts';
import { SimppError } from '../../../../shared/errors.ts';
import { maxHeaderBytes, type Addresses } from '../../../../proxy/gateway/proxy-protocol/header.ts';
import { looksLikeProxyHeader, readProxyHeader } from '../../../../proxy/gateway/proxy-protocol/read.ts';
import { writeVersion1 } from '../../../../proxy/gateway/proxy-protocol/version-1.ts';
import { signature2, writeVersion2 } from '../../../../proxy/gateway/proxy-protocol/version-2.ts';

const ipv4: Addresses = {
  source: { host: '192.0.2.33', port: 56324 },
  destination: { host: '198.51.100.7', port: 5222 },
};
const ipv6: Addresses = {
  source: { host: '2001:db8::1:0:0:21', port: 65535 },
  destination: { host: '::1', port: 1 },
};

const signature = '0d0a0d0a000d0a515549540a';
const source4 = 'c0000221';
const destination4 = 'c6336407';
const ports4 = 'dc041466';
const source6 = '20010db8000000000001000000000021';
const destination6 = '00000000000000000000000000000001';
/** PP2_TYPE_ALPN h2, PP2_TYPE_NOOP of two bytes, an empty PP2_TYPE_UNIQUE_ID. */
const extensions = '01000268320400020000050000';

const known: readonly (readonly [what: string, header: string | Uint8Array, addresses: Addresses | undefined])[] = [
  ['version 1, TCP over IPv4', 'PROXY TCP4 192.0.2.33 198.51.100.7 56324 5222\r\n', ipv4],
  [
    'version 1, the longest TCP over IPv6 there is',
    'PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n',
    {
      source: { host: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', port: 65535 },
      destination: { host: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', port: 65535 },
    },
  ],
  ['version 1, IPv6 in its long form', 'PROXY TCP6 2001:0DB8:0:0:1:0:0:21 0:0:0:0:0:0:0:1 65535 1\r\n', ipv6],
  ['version 1, IPv4 in IPv6', 'PROXY TCP6 ::ffff:192.0.2.33 ::ffff:198.51.100.7 56324 5222\r\n', ipv4],
  ['version 1, unknown', 'PROXY UNKNOWN\r\n', undefined],
  ['version 1, unknown with words', `PROXY UNKNOWN ${'ffff:'.repeat(18)}\r\n`, undefined],
  ['version 2, TCP over IPv4', fromHex(`${signature}2111000c${source4}${destination4}${ports4}`), ipv4],
  ['version 2, TCP over IPv6', fromHex(`${signature}21210024${source6}${destination6}ffff0001`), ipv6],
  [
    'version 2, IPv4 in IPv6',
    fromHex(`${signature}2121002400000000000000000000ffff${source4}00000000000000000000ffff${destination4}${ports4}`),
    ipv4,
  ],
  ['version 2, with extensions', fromHex(`${signature}21110019${source4}${destination4}${ports4}${extensions}`), ipv4],
  ['version 2, local', fromHex(`${signature}20000000`), undefined],
  ['version 2, local, whatever stands in it', fromHex(`${signature}20ff0005ffffffffff`), undefined],
  ['version 2, unspecified, with an extension', fromHex(`${signature}21000003050000`), undefined],
  ['version 2, a Unix socket', fromHex(`${signature}213100d8${'2f'.repeat(216)}`), undefined],
];

describe('a PROXY protocol header', () => {
  for (const [what, header, addresses] of known) {
    const bytes = typeof header === 'string' ? utf8(header) : header;
    it(`is read: ${what}`, () => {
      const complete = { kind: 'complete', length: bytes.length, addresses };
      assert.deepEqual(readProxyHeader(bytes), complete);
      assert.deepEqual(readProxyHeader(concat(bytes, utf8("<?xml version='1.0'?>"))), complete);
      for (let length = 0; length < bytes.length; length++) {
        assert.deepEqual(readProxyHeader(bytes.subarray(0, length)), { kind: 'incomplete' }, `${length} bytes`);
      }
    });
  }

  it('is written as it is read', () => {
    assert.deepEqual(writeVersion1(ipv4), utf8('PROXY TCP4 192.0.2.33 198.51.100.7 56324 5222\r\n'));
    assert.deepEqual(writeVersion1(ipv6), utf8('PROXY TCP6 2001:db8::1:0:0:21 ::1 65535 1\r\n'));
    assert.deepEqual(writeVersion2(ipv4), fromHex(`${signature}2111000c${source4}${destination4}${ports4}`));
    assert.deepEqual(writeVersion2(ipv6), fromHex(`${signature}21210024${source6}${destination6}ffff0001`));
  });

  const bad: Readonly<Record<string, string | Uint8Array>> = {
    'no header': "<?xml version='1.0'?>",
    TLS: fromHex('160301'),
    'another word': 'POST /',
    'another family': 'PROXY TCP5 192.0.2.33 198.51.100.7 56324 5222\r\n',
    'UNKNOWN with more of a word': 'PROXY UNKNOWNS\r\n',
    'IPv6 as IPv4': 'PROXY TCP4 ::1 ::1 1 2\r\n',
    'IPv4 as IPv6': 'PROXY TCP6 192.0.2.33 198.51.100.7 1 2\r\n',
    'an address with a zone': 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
    'an octet above 255': 'PROXY TCP4 192.0.2.333 198.51.100.7 1 2\r\n',
    'a port above 65535': 'PROXY TCP4 192.0.2.33 198.51.100.7 65536 2\r\n',
    'a port with a leading zero': 'PROXY TCP4 192.0.2.33 198.51.100.7 01 2\r\n',
    'a negative port': 'PROXY TCP4 192.0.2.33 198.51.100.7 -1 2\r\n',
    'two spaces': 'PROXY TCP4  192.0.2.33 198.51.100.7 1 2\r\n',
    'a line feed alone': 'PROXY TCP4 192.0.2.33 198.51.100.7 1 2\n',
    'a line that does not end': `PROXY UNKNOWN ${'a'.repeat(200)}`,
    'a line of 108 bytes': `PROXY UNKNOWN ${'a'.repeat(92)}\r\n`,
    'a signature with a wrong byte': fromHex('0d0a0d0a000d0a515549550a'),
    'line ends without a signature': '\r\n\r\n<',
    'version 1 in the form of 2': fromHex(`${signature}1111000c${source4}${destination4}${ports4}`),
    'an unknown command': fromHex(`${signature}2211000c${source4}${destination4}${ports4}`),
    'an unknown family': fromHex(`${signature}2141000c${source4}${destination4}${ports4}`),
    'UDP over IPv4': fromHex(`${signature}2112000c${source4}${destination4}${ports4}`),
    'a length below that of its addresses': fromHex(`${signature}2111000b${source4}${destination4}${ports4}`),
    'IPv6 with the length of IPv4': fromHex(`${signature}2121000c${source4}${destination4}${ports4}`),
    'a length above the limit': fromHex(`${signature}2111ffff`),
    'a local header above the limit': fromHex(`${signature}2000${(maxHeaderBytes - 15).toString(16).padStart(4, '0')}`),
    'an extension that goes on behind the header': fromHex(
      `${signature}21110010${source4}${destination4}${ports4}04000200`,
    ),
    'half an extension': fromHex(`${signature}2111000e${source4}${destination4}${ports4}0400`),
  };
  for (const [what, written] of Object.entries(bad)) {
    it(`is refused: ${what}`, () => {
      const bytes = typeof written === 'string' ? utf8(written) : written;
      const refused = (error: unknown): boolean => error instanceof SimppError && error.code === 'malformed-message';
      assert.throws(() => readProxyHeader(bytes), refused);
      // However it is cut, it ends in the same way, and never in a header.
      const readings = Array.from(bytes, (_, at) => {
        try {
          return readProxyHeader(bytes.subarray(0, at + 1)).kind;
        } catch (error) {
          assert.ok(refused(error));
          return 'refused';
        }
      });
      assert.equal(readings.includes('complete'), false);
      assert.equal(readings.indexOf('refused') <= readings.length - 1 && readings.at(-1), 'refused');
    });
  }

  it('is known for one where none belongs, and XML never is', () => {
    for (const [, header] of known) {
      assert.ok(looksLikeProxyHeader(typeof header === 'string' ? utf8(header) : header));
    }
    for (const text of [
      "<?xml version='1.0'?>",
      ' <stream',
      '\r\n\r\n<stream',
      '\r\n\r\n',
      '\u{feff}<',
      '\u0016\u0003',
    ]) {
      assert.equal(looksLikeProxyHeader(utf8(text)), false, JSON.stringify(text));
    }
    assert.equal(looksLikeProxyHeader(signature2.subarray(0, 5)), true);
  });
});
