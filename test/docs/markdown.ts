// What the test of links needs of Markdown: where a page points to, and what
// can be pointed at on it.

/** Text without code, in which nothing is a link. */
function withoutCode(page: string): string {
  return page.replaceAll(/^ *(```+|~~~+)[^\n]*\n[^]*?^ *\1 *$/gm, '').replaceAll(/(`+)(?!`)[^]*?[^`]\1(?!`)/g, '');
}

/** The targets of a page's links and pictures, in order. */
export function linksOf(page: string): readonly string[] {
  const text = withoutCode(page);
  const inline = Array.from(text.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+["'][^)]*)?\)/g), ([, target]) => target!);
  const references = Array.from(text.matchAll(/^ {0,3}\[[^\]^]+\]:\s*<?([^\s>]+)/gm), ([, target]) => target!);
  const html = Array.from(text.matchAll(/\b(?:href|src)="([^"]+)"/g), ([, target]) => target!);
  return [...inline, ...references, ...html];
}

/** The anchors that GitHub gives a page's headings, and those that it sets itself. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const text = page.replaceAll(/^ *(```+|~~~+)[^\n]*\n[^]*?^ *\1 *$/gm, '');
  for (const [, heading] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id] of text.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(id!);
  return anchors;
}
