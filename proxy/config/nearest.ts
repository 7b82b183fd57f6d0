// "Did you mean": the known word that a misspelt one is closest to.

/** The candidate within two edits (fewer for short words), or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowedEdits = word.length <= 3 ? 1 : word.length <= 12 ? 2 : 3;
  let best: string | undefined;
  let bestEdits = allowedEdits + 1;
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits];
  }
  return best;
}

/** Edit distance that counts a swap of neighbours as one edit. */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, beforePrevious[j - 2]! + 1);
      }
      current.push(edits);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length]!;
}
