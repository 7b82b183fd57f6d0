// A record as bytes, to be sealed: its plain values as JSON, then its byte
// strings one after the other. Only this program makes and seals them; what
// comes back is still read column by column (proxy/store/row.ts).
import { concat, fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import type { Row } from '../sqlite.ts';

export type Field = string | number | boolean | Uint8Array | undefined;

/** Fields that are undefined are left out, booleans become 0 and 1. */
export function pack(fields: Readonly<Record<string, Field>>): Uint8Array {
  const plain: Record<string, string | number> = {};
  const lengths: Record<string, number> = {};
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof Uint8Array) {
      lengths[name] = value.length;
      parts.push(value);
    } else {
      plain[name] = typeof value === 'boolean' ? Number(value) : value;
    }
  }
  const head = utf8(JSON.stringify([plain, lengths]));
  const headLength = new Uint8Array(4);
  new DataView(headLength.buffer).setUint32(0, head.length);
  return concat(headLength, head, ...parts);
}

/** The fields; throws SimppError('storage-failed') on bytes that `pack` did not make. */
export function unpack(bytes: Uint8Array): Row {
  try {
    const headEnd = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
    if (headEnd > bytes.length) throw new RangeError('cut short');
    // as: the shape that `pack` gives; each value is checked when its column is read.
    const [plain, lengths] = JSON.parse(fromUtf8(bytes.subarray(4, headEnd))) as [Row, Record<string, number>];
    const row: Row = { ...plain };
    let at = headEnd;
    for (const [name, length] of Object.entries(lengths)) {
      if (!Number.isSafeInteger(length) || length < 0 || at + length > bytes.length) throw new RangeError('cut short');
      row[name] = bytes.slice(at, at + length);
      at += length;
    }
    if (at !== bytes.length) throw new RangeError('too long');
    return row;
  } catch (error) {
    throw new SimppError('storage-failed', 'A stored record cannot be read; it is damaged.', { cause: error });
  }
}
