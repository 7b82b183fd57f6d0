// What may stand before the root of a stream: a UTF-8 byte order mark and one
// XML declaration (XML 1.0 §2.8). XMPP is UTF-8 only (RFC 6120 §11.6).

import { SimppError } from '../errors.ts';

const byteOrderMark = [0xef, 0xbb, 0xbf];
// The longest declaration that says something has about 60 bytes.
const maxDeclarationBytes = 256;

const space = '[ \\t\\r\\n]';
const pair = (name: string, value: string): string => `${space}+${name}${space}*=${space}*(?:"${value}"|'${value}')`;
const encodingName = '([A-Za-z][\\w.-]*)';
const declarationPattern = new RegExp(
  `^<\\?xml${pair('version', '1\\.[0-9]+')}(?:${pair('encoding', encodingName)})?` +
    `(?:${pair('standalone', '(?:yes|no)')})?${space}*\\?>$`,
);

/** Length of the byte order mark at `at`, if any; -1 when more bytes are needed to know. */
export function byteOrderMarkLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first === 0xfe || first === 0xff)
    throw new SimppError('invalid-encoding', 'The stream is in UTF-16, not in UTF-8.');
  for (let i = 0; i < byteOrderMark.length; i++) {
    if (at + i === end) return -1;
    if (bytes[at + i] !== byteOrderMark[i]) return 0;
  }
  return byteOrderMark.length;
}

/** Length of the XML declaration at `at`, if any; -1 when more bytes are needed to know. */
export function declarationLength(bytes: Uint8Array, at: number, end: number): number {
  const opening = '<?xml';
  for (let i = 0; i < opening.length; i++) {
    if (at + i === end) return -1;
    if (bytes[at + i] !== opening.charCodeAt(i)) return 0;
  }
  const limit = Math.min(end, at + maxDeclarationBytes);
  const close = bytes.subarray(0, limit).indexOf(0x3e, at);
  if (close < 0) {
    if (end - at < maxDeclarationBytes) return -1;
    throw new SimppError('not-well-formed', 'The XML declaration does not end.');
  }
  const length = close + 1 - at;
  const match = declarationPattern.exec(String.fromCharCode(...bytes.subarray(at, close + 1)));
  if (match === null) {
    // <?xml-stylesheet …?> and the like are other processing instructions.
    const other = /^<\?xml[^ \t\r\n?]/.test(String.fromCharCode(...bytes.subarray(at, at + 6)));
    throw other ? new SimppError('restricted-xml') : new SimppError('not-well-formed', 'The XML declaration is wrong.');
  }
  const encoding = match[1] ?? match[2];
  if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') {
    throw new SimppError('invalid-encoding', `The XML declaration names the encoding ${encoding}, not UTF-8.`);
  }
  return length;
}
