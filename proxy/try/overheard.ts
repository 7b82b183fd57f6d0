// What an eavesdropper could read: searches captured bytes for words, as they are
// and in the encodings that XMPP itself uses (base64 in SASL, hexadecimal in
// digests and account files, UTF-16 for completeness).
import { toHex, utf8 } from '../../shared/bytes.ts';

/** The forms of a word that a search must find; base64 depends on where in a group of three bytes the word begins. */
function forms(word: string): Buffer[] {
  const bytes = Buffer.from(utf8(word));
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Characters that also hold bits of the neighbours are cut off.
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const hex = toHex(bytes);
  const texts = [...base64, hex, hex.toUpperCase()];
  return [bytes, Buffer.from(word, 'utf16le'), ...texts.map((text) => Buffer.from(text, 'latin1'))];
}

/** Those of the words (of at least four bytes: shorter ones occur in ciphertext by chance) that occur in the capture. */
export function overheard(capture: Uint8Array, words: readonly string[]): string[] {
  const bytes = Buffer.from(capture.buffer, capture.byteOffset, capture.byteLength);
  return words.filter((word) => {
    if (utf8(word).length < 4) throw new RangeError(`too short to search for: ${word}`);
    return forms(word).some((form) => bytes.includes(form));
  });
}
