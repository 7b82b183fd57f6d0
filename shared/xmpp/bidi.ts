// The Bidi Rule of RFC 5893 §2, for localparts and domain labels. Bidi classes
// are in no engine's tables: they are derived here from script and general
// category. Of what the IdentifierClass lets through, that differs from
// UnicodeData.txt (14.0) only for 25 modifier letters (ON, here L) and 7 signs
// of Indic scripts, none of which is used in right-to-left writing.

type BidiClass = 'L' | 'R' | 'AL' | 'AN' | 'EN' | 'ES' | 'CS' | 'ET' | 'ON' | 'NSM';

const arabicScripts =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Hanifi_Rohingya}\p{Script=Sogdian}]$/u;
const rightToLeftScripts = new RegExp(
  '^[' +
    [
      'Hebrew Nko Samaritan Mandaic Cypriot Imperial_Aramaic Palmyrene Nabataean Hatran Phoenician Lydian',
      'Meroitic_Hieroglyphs Meroitic_Cursive Kharoshthi Old_South_Arabian Old_North_Arabian Manichaean Avestan',
      'Inscriptional_Parthian Inscriptional_Pahlavi Psalter_Pahlavi Old_Turkic Old_Hungarian Yezidi Old_Sogdian',
      'Chorasmian Elymaic Mende_Kikakui Adlam Old_Uyghur',
    ]
      .join(' ')
      .split(' ')
      .map((script) => `\\p{Script=${script}}`)
      .join('') +
    ']$',
  'u',
);

function bidiClass(char: string): BidiClass {
  if (/^[\u0660-\u0669\u066b\u066c\u{10d30}-\u{10d39}]$/u.test(char)) return 'AN';
  if (/^[0-9\u06f0-\u06f9]$/u.test(char)) return 'EN';
  if (/^[+-]$/.test(char)) return 'ES';
  if (/^[,./:]$/.test(char)) return 'CS';
  if (/^[#$%\u00a2-\u00a5\u00b0\u00b1]$/u.test(char)) return 'ET';
  if (/^[\p{Mn}\p{Me}]$/u.test(char)) return 'NSM';
  if (arabicScripts.test(char)) return 'AL';
  if (rightToLeftScripts.test(char)) return 'R';
  return /^[\p{L}\p{Mc}\p{N}]$/u.test(char) ? 'L' : 'ON';
}

const rightToLeft: ReadonlySet<BidiClass> = new Set(['R', 'AL', 'AN', 'EN', 'ES', 'CS', 'ET', 'ON', 'NSM']);
const leftToRight: ReadonlySet<BidiClass> = new Set(['L', 'EN', 'ES', 'CS', 'ET', 'ON', 'NSM']);

/** Whether a text without right-to-left characters, or one that follows RFC 5893 §2. */
export function satisfiesBidiRule(text: string): boolean {
  const classes = [...text].map(bidiClass);
  if (!classes.some((each) => each === 'R' || each === 'AL' || each === 'AN')) return true;
  const last = classes.findLast((each) => each !== 'NSM');
  switch (classes[0]) {
    case 'R':
    case 'AL':
      return (
        classes.every((each) => rightToLeft.has(each)) &&
        (last === 'R' || last === 'AL' || last === 'EN' || last === 'AN') &&
        !(classes.includes('EN') && classes.includes('AN'))
      );
    case 'L':
      return classes.every((each) => leftToRight.has(each)) && (last === 'L' || last === 'EN');
    default:
      return false;
  }
}
