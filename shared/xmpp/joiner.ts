// When the zero-width joiners may stand in an identifier (RFC 5892 appendix
// A.1, A.2): behind a virama, or, the non-joiner only, between letters that would join.
// Joining types are in no engine's tables; they are given here for the Arabic
// script, where Persian and Urdu names need them. A non-joiner in another
// cursive script is refused, which is the safe side.

/** Canonical combining class 9 (Unicode 17): viramas and what acts as one. */
const virama = new RegExp(
  '^[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D3B\\u0D3C\\u0D4D\\u0DCA\\u0E3A\\u0EBA\\u0F84\\u1039' +
    '\\u103A\\u1714\\u1715\\u1734\\u17D2\\u1A60\\u1B44\\u1BAA\\u1BAB\\u1BF2\\u1BF3\\u2D7F\\uA806\\uA82C\\uA8C4\\uA953' +
    '\\uA9C0\\uAAF6\\uABED\\u{10A3F}\\u{11046}\\u{11070}\\u{1107F}\\u{110B9}\\u{11133}\\u{11134}\\u{111C0}\\u{11235}' +
    '\\u{112EA}\\u{1134D}\\u{113CE}\\u{113CF}\\u{113D0}\\u{11442}\\u{114C2}\\u{115BF}\\u{1163F}\\u{116B6}\\u{1172B}' +
    '\\u{11839}\\u{1193D}\\u{1193E}\\u{119E0}\\u{11A34}\\u{11A47}\\u{11A99}\\u{11C3F}\\u{11D44}\\u{11D45}\\u{11D97}' +
    '\\u{11F41}\\u{11F42}\\u{1612F}]$',
  'u',
);

const arabicLetter = /^(?=\p{Script=Arabic})\p{L}$/u;
/** Arabic letters that do not join to the next one: joining types R and U. */
const notJoiningOnward =
  /^[\u0621-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf\u06d2\u06d3\u06d5\u06ee\u06ef]$/u;
/** Those that join to no side: joining type U. */
const joiningNowhere = /^[\u0621\u0674\u06d5]$/u;
const transparent = /^\p{Mn}$/u;

/** Whether the joiner or non-joiner at `index` may stand there. */
export function isJoinerInContext(chars: readonly string[], index: number): boolean {
  if (virama.test(chars[index - 1] ?? '')) return true;
  if (chars[index] !== '\u200c') return false;
  let before = index - 1;
  while (transparent.test(chars[before] ?? '')) before--;
  let after = index + 1;
  while (transparent.test(chars[after] ?? '')) after++;
  const left = chars[before] ?? '';
  const right = chars[after] ?? '';
  return (
    arabicLetter.test(left) && !notJoiningOnward.test(left) && arabicLetter.test(right) && !joiningNowhere.test(right)
  );
}
