// Punycode (RFC 3492), the letters behind `xn--` of an internationalised
// domain label. Names of variables are the RFC's.

const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 0x80;
// A label has at most 63 bytes (RFC 1034 §3.1): nothing here overflows.
const maxLabelBytes = 63;

function adapt(delta: number, points: number, isFirst: boolean): number {
  let scaled = isFirst ? Math.floor(delta / damp) : delta >> 1;
  scaled += Math.floor(scaled / points);
  let k = 0;
  for (; scaled > ((base - tMin) * tMax) >> 1; k += base) scaled = Math.floor(scaled / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * scaled) / (scaled + skew));
}

function threshold(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, tMin), tMax);
}

const digits = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Text of a Punycode string without its `xn--` (RFC 3492 §6.2); undefined when it is none. */
export function decodePunycode(encoded: string): string | undefined {
  if (encoded.length > maxLabelBytes || !/^[\x20-\x7e]*$/.test(encoded)) return undefined;
  const delimiter = encoded.lastIndexOf('-');
  const output = Array.from(encoded.slice(0, Math.max(delimiter, 0)), (char) => char.charCodeAt(0));
  let n = initialN;
  let bias = initialBias;
  let i = 0;
  let at = delimiter > 0 ? delimiter + 1 : 0;
  while (at < encoded.length) {
    const oldI = i;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = digits.indexOf((encoded[at++] ?? '?').toLowerCase());
      if (digit < 0) return undefined;
      i += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= base - t;
      if (i > 0x7fffffff || weight > 0x7fffffff) return undefined;
    }
    bias = adapt(i - oldI, output.length + 1, oldI === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

/** Punycode of a text, without `xn--` (RFC 3492 §6.3); undefined when no label can hold it. */
export function encodePunycode(text: string): string | undefined {
  const points = Array.from(text, (char) => char.codePointAt(0)!);
  if (points.length > maxLabelBytes) return undefined;
  const basic = points.filter((point) => point < 0x80);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '');
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  let handled = basic.length;
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += digits[t + ((q - t) % (base - t))]!;
        q = Math.floor((q - t) / (base - t));
      }
      output += digits[q]!;
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}
