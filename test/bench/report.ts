// The figures as a table for people.
import type { Measurement, Row } from './measurement.ts';

/** Three significant digits, without exponent. */
export function formatNumber(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(digits);
}

const head = ['', 'median', 'quartiles', '', 'counted'] as const;

/** A measurement as lines: its title, a row for each figure, its footnotes. */
export function formatMeasurement({ title, rows, footnotes }: Measurement): string {
  const cells = [[...head], ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => row.map((cell, column) => align(cell, widths[column]!, column)).join('  '));
  return [title, '', ...lines.map((line) => `  ${line.trimEnd()}`), '', ...footnotes.flatMap(wrap), ''].join('\n');
}

function cellsOf({ name, unit, spread, counted }: Row): string[] {
  const { lowerQuartile, median, upperQuartile } = spread;
  return [name, formatNumber(median), `${formatNumber(lowerQuartile)}–${formatNumber(upperQuartile)}`, unit, counted];
}

function align(cell: string, width: number, column: number): string {
  return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
}

const lineWidth = 110;

/** A footnote as a list item of lines that fit. */
function wrap(footnote: string): string[] {
  const lines = [''];
  for (const word of footnote.split(' ')) {
    const line = lines.at(-1)!;
    if (line.length + word.length > lineWidth) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`);
}
