// Tables that are written from the code stand between two comments on their
// page, so that a fact is described once.

/** The page with these tables, by the names in their markers, brought up to date. */
export function withGenerated(page: string, tables: Readonly<Record<string, string>>): string {
  let written = page;
  for (const [name, table] of Object.entries(tables)) {
    const begin = `<!-- ${name}:begin -->`;
    const end = `<!-- ${name}:end -->`;
    const from = written.indexOf(begin);
    const to = written.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the page lacks the markers of the table ${name}`);
    written = `${written.slice(0, from + begin.length)}\n\n${table}\n\n${written.slice(to)}`;
  }
  return written;
}

/** A Markdown table; what would end a cell is escaped. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}
