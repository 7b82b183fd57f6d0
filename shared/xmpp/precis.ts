// PRECIS (RFC 8264) with the two profiles that XMPP needs (RFC 8265):
// UsernameCaseMapped for localparts, OpaqueString for resources and passwords.
// The derived properties come from the engine's own Unicode tables, so a
// character newer than the engine counts as unassigned, as RFC 8264 §8 demands.
// Joining types are in no engine: see joiner.ts for what is done about them.

import { satisfiesBidiRule } from './bidi.ts';
import { isJoinerInContext } from './joiner.ts';

/** Why a text is not valid in a profile: the end of a sentence. */
export interface Problem {
  readonly problem: string;
}

type Verdict = 'valid' | 'freeform' | 'context' | 'disallowed';

// RFC 8264 §9.6, Exceptions (F).
const exceptionValid = /^[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]$/u;
const exceptionContext = /^[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9]$/u;
const exceptionDisallowed = /^(?:\u302e|\u302f|[\u0640\u07fa\u3031-\u3035\u303b])$/u;
// §9.9, OldHangulJamo (I): Hangul_Syllable_Type L, V or T.
const oldHangulJamo = /^[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb]$/u;
// §9.13 (M), and §9.10 (J).
const ignorable = /^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u;
// §9.1 (A), §9.18 (R), §9.14–9.16 (N, O, P).
const letterOrDigit = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
const freeform =
  /^[\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{Sm}\p{Sc}\p{Sk}\p{So}\p{Pc}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}]$/u;

/** Derived property of one character, in the order of RFC 8264 §8. */
function verdictOn(char: string): Verdict {
  if (exceptionValid.test(char)) return 'valid';
  if (exceptionContext.test(char)) return 'context';
  if (exceptionDisallowed.test(char)) return 'disallowed';
  if (/^\p{Cn}$/u.test(char)) return 'disallowed';
  if (/^[\x21-\x7e]$/.test(char)) return 'valid';
  if (/^\p{Join_Control}$/u.test(char)) return 'context';
  if (oldHangulJamo.test(char) || ignorable.test(char) || /^\p{Cc}$/u.test(char)) return 'disallowed';
  if (char.normalize('NFKC') !== char) return 'freeform';
  if (letterOrDigit.test(char)) return 'valid';
  return freeform.test(char) ? 'freeform' : 'disallowed';
}

/** The contextual rules of RFC 5892 appendix A, for the character at `index`. */
function isInContext(chars: readonly string[], index: number): boolean {
  const char = chars[index]!;
  const before = chars[index - 1] ?? '';
  const after = chars[index + 1] ?? '';
  switch (char) {
    case '\u200c':
    case '\u200d':
      return isJoinerInContext(chars, index);
    case '\u00b7':
      return before === 'l' && after === 'l';
    case '\u0375':
      return /^\p{Script=Greek}$/u.test(after);
    case '\u05f3':
    case '\u05f4':
      return /^\p{Script=Hebrew}$/u.test(before);
    case '\u30fb':
      return chars.some((each) => /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]$/u.test(each));
    default: {
      // Arabic-Indic and extended Arabic-Indic digits do not mix (A.8, A.9).
      const others = /^[\u0660-\u0669]$/.test(char) ? /^[\u06f0-\u06f9]$/ : /^[\u0660-\u0669]$/;
      return !chars.some((each) => others.test(each));
    }
  }
}

/** How a message names a character. */
export function characterName(char: string): string {
  const point = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return /^[\x21-\x7e]$/.test(char) ? char : `U+${point}`;
}

/** What is wrong with a text in a base class (RFC 8264 §4.2, §4.3), if anything. */
function classProblem(text: string, isFreeform: boolean): Problem | undefined {
  if (!text.isWellFormed()) return { problem: 'is not valid Unicode' };
  const chars = [...text];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index]!;
    const verdict = verdictOn(char);
    if (verdict === 'valid' || (verdict === 'freeform' && isFreeform)) continue;
    if (verdict === 'context' && isInContext(chars, index)) continue;
    return { problem: `contains ${characterName(char)}, which is not allowed there` };
  }
  return undefined;
}

/** Maps full-width and half-width characters to their ordinary forms (RFC 8264 §5.2.1). */
function mapWidths(text: string): string {
  return text.replace(/[\u3000\uff01-\uffee]/g, (char) => char.normalize('NFKC'));
}

/** UsernameCaseMapped (RFC 8265 §3.3): the prepared text, or why it is none. */
export function usernameCaseMapped(text: string): string | Problem {
  if (/^[a-z0-9._-]+$/.test(text)) return text;
  const mapped = mapWidths(text);
  const early = classProblem(mapped, false);
  if (early !== undefined) return early;
  const prepared = mapped.toLowerCase().normalize('NFC');
  if (prepared === '') return { problem: 'is empty' };
  const late = classProblem(prepared, false);
  if (late !== undefined) return late;
  return satisfiesBidiRule(prepared) ? prepared : { problem: 'mixes directions of writing' };
}

/** OpaqueString (RFC 8265 §4.2): the prepared text, or why it is none. */
export function opaqueString(text: string): string | Problem {
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  const early = classProblem(text, true);
  if (early !== undefined) return early;
  const prepared = text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  if (prepared === '') return { problem: 'is empty' };
  // Composition can leave a character that needs a context (U+0387): what is prepared must stay valid.
  return classProblem(prepared, true) ?? prepared;
}
