// How answers are laid out: plain text that reads well with a proportional
// font too, so nothing depends on columns. Dates and device ids are short.

/** A fingerprint in three lines of twenty digits: what fits a chat window and is read aloud in breaths. */
export function fingerprintLines(fingerprint: string): string {
  const groups = fingerprint.split(' ');
  const lines: string[] = [];
  for (let at = 0; at < groups.length; at += 4) lines.push(`  ${groups.slice(at, at + 4).join(' ')}`);
  return lines.join('\n');
}

/** The first eight digits of a device id: enough to tell one's devices apart, and to type. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** A day and minute in UTC, the same in each language. */
export function dayAndTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

/** A day in UTC. */
export function day(milliseconds: number): string {
  return dayAndTime(milliseconds).slice(0, 10);
}

/** One line, not longer than this many characters. */
export function oneLine(text: string, maxLength = 80): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** Parts with a blank line between them; those that are absent are left out. */
export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

/** Lines below each other; those that are absent are left out. */
export function lines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n');
}
