// Columns for people: as wide as they must be, and on a narrow terminal
// without those that matter least.

/** One column. */
export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  /** The highest goes first when there is not room for all; 0 stays. */
  readonly leastOf: number;
}

const gap = 2;

/** The table's lines, no longer than `columns` if leaving columns out can do it. */
export function tableLines(all: readonly Column[], columns = Number.POSITIVE_INFINITY): string[] {
  let shown = all.filter(({ cells }) => cells.some((cell) => cell !== ''));
  while (width(shown) > columns) {
    const worst = Math.max(...shown.map(({ leastOf }) => leastOf));
    if (worst <= 0) break;
    shown = shown.filter(({ leastOf }) => leastOf !== worst);
  }
  const rows = Math.max(0, ...shown.map(({ cells }) => cells.length));
  const line = (cell: (column: Column) => string): string =>
    shown
      .map((column) => cell(column).padEnd(columnWidth(column) + gap))
      .join('')
      .trimEnd();
  return [line(({ head }) => head), ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? ''))];
}

function columnWidth({ head, cells }: Column): number {
  return Math.max(head.length, ...cells.map((cell) => cell.length));
}

function width(shown: readonly Column[]): number {
  return shown.reduce((sum, column) => sum + columnWidth(column) + gap, -gap);
}
