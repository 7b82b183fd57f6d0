// Columns for people: as wide as they must be, and on a narrow terminal
// without those that matter least.

/** One column. */
export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  /** The highest goes first when there is not room for all; 0 stays. */
  readonly leastOf: number;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
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
      .map((column) => {
        const width = columnWidth(column);
        return column.isNumber === true ? cell(column).padStart(width) : cell(column).padEnd(width);
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [line(({ head }) => head), ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? ''))];
}

function columnWidth({ head, cells }: Column): number {
  return Math.max(head.length, ...cells.map((cell) => cell.length));
}

function width(shown: readonly Column[]): number {
  return shown.reduce((sum, column) => sum + columnWidth(column) + gap, -gap);
}
