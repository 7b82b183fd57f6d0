// What somebody on the way can do to an encrypted message without any key.
import { fromBase64, toBase64 } from '../../../../shared/bytes.ts';
import {
  c6,
  ratchetHeader,
  wrap,
  type C6,
  type RatchetHeader,
  type Wrap,
} from '../../../../shared/simpp/end-to-end-messages.ts';

const carried = /(<encrypted[^>]*>)([^<]*)(<\/encrypted>)/;

export function c6Of(stanza: string): C6 {
  return c6.decode(fromBase64(carried.exec(stanza)![2]!));
}

/** The stanza with another C6 in it. */
export function withC6(stanza: string, change: (message: C6) => Partial<C6>): string {
  const message = c6Of(stanza);
  const text = toBase64(c6.encode({ ...message, ...change(message) }));
  return stanza.replace(carried, (_all, open: string, _text, close: string) => `${open}${text}${close}`);
}

/** The stanza with other wraps. */
export function withWraps(stanza: string, change: (wrap: Wrap) => Partial<Wrap>): string {
  return withC6(stanza, ({ wraps }) => ({
    wraps: wraps.map((encoded) => {
      const each = wrap.decode(encoded);
      return wrap.encode({ ...each, ...change(each) });
    }),
  }));
}

/** The stanza with other headers of its wraps, which nothing but the tag protects. */
export function withHeaders(stanza: string, change: (header: RatchetHeader) => Partial<RatchetHeader>): string {
  return withWraps(stanza, ({ header }) => {
    const each = ratchetHeader.decode(header);
    return { header: ratchetHeader.encode({ ...each, ...change(each) }) };
  });
}

export function wrapsOf(stanza: string): readonly Wrap[] {
  return c6Of(stanza).wraps.map((encoded) => wrap.decode(encoded));
}

/** The same bytes with one bit another way. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const other = bytes.slice();
  other[at]! ^= 1;
  return other;
}

/** With text in the place of what was encrypted, or beside it. */
export function withBeside(stanza: string, children: string): string {
  return stanza.replace('</encrypted>', `</encrypted>${children}`);
}
