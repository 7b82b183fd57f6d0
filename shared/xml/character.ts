// What one byte of UTF-8 XML may be, as bit flags in one table, so that the
// scanner decides with one look-up per byte (XML 1.0 §2.2, §2.3).

/** Ordinary inside a name (bytes of multi-byte characters count, and are checked apart). */
export const NAME = 1;
/** May begin a name. */
export const NAME_START = 2;
/** White space. */
export const SPACE = 4;
/** Ends the fast run over character data: `<`, `&`, `]`, multi-byte, illegal. */
export const TEXT_STOP = 8;
/** Ends the fast run over an attribute value: quotes, `<`, `&`, multi-byte, illegal. */
export const VALUE_STOP = 16;
/** Ends the fast run over CDATA: `]`, multi-byte, illegal. */
export const CDATA_STOP = 32;

/** Flags of each byte value. */
export const flags: Uint8Array = new Uint8Array(256);

for (let byte = 0; byte < 256; byte++) {
  const char = String.fromCharCode(byte);
  let flag = 0;
  if (byte >= 0x80) flag |= NAME | NAME_START | TEXT_STOP | VALUE_STOP | CDATA_STOP;
  else if (/[A-Za-z_:]/.test(char)) flag |= NAME | NAME_START;
  else if (/[0-9.-]/.test(char)) flag |= NAME;
  else if (/[ \t\r\n]/.test(char)) flag |= SPACE;
  else if (byte < 0x20) flag |= TEXT_STOP | VALUE_STOP | CDATA_STOP;
  if (/[<&]/.test(char)) flag |= TEXT_STOP | VALUE_STOP;
  if (/["']/.test(char)) flag |= VALUE_STOP;
  if (char === ']') flag |= TEXT_STOP | CDATA_STOP;
  flags[byte] = flag;
}

/** Whether XML 1.0 §2.2 allows a code point in a document, written or referred to. */
export function isCharacter(point: number): boolean {
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd;
  return point < 0xd800 || (point > 0xdfff && point < 0xfffe) || (point > 0xffff && point <= 0x10ffff);
}
