// The mdoc(7) language, as far as our man pages need it: text that no macro
// can be read out of, and the few macros that make options, lists and examples.

/** Lines of a page. */
export type Lines = readonly string[];

/** Text as roff shows it: nothing in it is an escape, and each hyphen stays one that can be copied. */
export function literal(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll('"', String.raw`\(dq`)
    .replaceAll('`', String.raw`\(ga`)
    .replaceAll('^', String.raw`\(ha`)
    .replaceAll('~', String.raw`\(ti`)
    .replaceAll(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

/** A paragraph's lines: a new one for each sentence, none that begins as a macro. */
export function prose(text: string): string[] {
  return text.split(/(?<=[.:?!]) (?=[A-Z"])/).map((sentence) => {
    const line = literal(sentence);
    return /^[.\\]/.test(line) ? `\\&${line}` : line;
  });
}

/** Words of a macro line that are only words. */
export function words(text: string): string {
  return text
    .split(' ')
    .map((word) => `\\&${literal(word)}`)
    .join(' ');
}

/** A list of terms with what each means; the terms are written in macros already. */
export function tagged(items: readonly (readonly [term: string, text: string])[]): Lines {
  if (items.length === 0) return [];
  return ['.Bl -tag -width Ds', ...items.flatMap(([term, text]) => [`.It ${term}`, ...prose(text)]), '.El'];
}

/** Something to type, on a line of its own. */
export function display(line: string): string {
  return `.Dl ${words(line)}`;
}

/** A paragraph before these lines, when there are any. */
export function paragraph(lines: Lines): Lines {
  return lines.length === 0 ? [] : ['.Pp', ...lines];
}
