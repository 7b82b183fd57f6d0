// UTF-8: checked on bytes without decoding (Unicode 17 table 3-7: no overlong
// forms, no surrogates, nothing above U+10FFFF), and decoded where text is needed.

import { fromUtf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';

function invalid(): SimppError {
  return new SimppError('invalid-encoding', 'The stream is not valid UTF-8.');
}

/**
 * Length of the multi-byte character at `at`, or 0 when it is valid so far but reaches beyond `end`. Throws
 * SimppError `invalid-encoding` as soon as one byte is wrong, `not-well-formed` for U+FFFE and U+FFFF (XML 1.0 §2.2).
 */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xf4) throw invalid();
  if (at + 1 >= end) return 0;
  const second = bytes[at + 1]!;
  if ((second & 0xc0) !== 0x80) throw invalid();
  if (lead < 0xe0) return 2;
  if (lead === 0xe0 ? second < 0xa0 : lead === 0xed && second > 0x9f) throw invalid();
  if (lead === 0xf0 ? second < 0x90 : lead === 0xf4 && second > 0x8f) throw invalid();
  if (at + 2 >= end) return 0;
  const third = bytes[at + 2]!;
  if ((third & 0xc0) !== 0x80) throw invalid();
  if (lead < 0xf0) {
    if (lead === 0xef && second === 0xbf && third > 0xbd) {
      throw new SimppError('not-well-formed', 'U+FFFE and U+FFFF are no characters of XML.');
    }
    return 3;
  }
  if (at + 3 >= end) return 0;
  if ((bytes[at + 3]! & 0xc0) !== 0x80) throw invalid();
  return 4;
}

/** Bytes as text; throws SimppError `invalid-encoding` on invalid UTF-8. */
export function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new SimppError('invalid-encoding', undefined, { cause });
  }
}
