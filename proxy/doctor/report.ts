// What `simpp doctor` prints: sections, one line for each finding, and below
// it the mend on a line of its own, never broken, so that it can be copied.

import { styleText } from 'node:util';
import { printable } from '../log.ts';
import type { Finding, Verdict } from './finding.ts';
import type { SectionReport } from './run-checks.ts';

/** How it is shown. */
export interface Page {
  /** Lines are broken here; not at all when undefined. */
  readonly columns: number | undefined;
  readonly isColoured: boolean;
}

/** How often each verdict was given. */
export type Count = Readonly<Record<Verdict, number>>;

const signs = { ok: '✓', note: '·', warning: '!', problem: '✗' } as const;
const styles = { ok: 'green', note: 'gray', warning: 'yellow', problem: 'red' } as const;
const indent = '    ';

/** Counts the verdicts of all sections. */
export function count(reports: readonly SectionReport[]): Count {
  const counts = { ok: 0, note: 0, warning: 0, problem: 0 };
  for (const { findings } of reports) for (const { verdict } of findings) counts[verdict]++;
  return counts;
}

/** All lines. */
export function reportLines(reports: readonly SectionReport[], page: Page): string[] {
  const sections = reports
    .filter(({ findings }) => findings.length > 0)
    .map(({ title, findings }) => [paint('bold', title, page), ...findings.flatMap((finding) => lines(finding, page))]);
  return [...sections.flatMap((section) => [...section, '']), closingLine(count(reports), page)];
}

function lines({ verdict, text, mend }: Finding, page: Page): string[] {
  const style = styles[verdict];
  const [first = '', ...rest] = wrap(
    printable(text),
    page.columns === undefined ? undefined : page.columns - indent.length,
  );
  return [
    `  ${paint(style, signs[verdict], page)} ${first}`,
    ...rest.map((line) => indent + line),
    ...(mend === undefined ? [] : [`${indent}→ ${paint('cyan', printable(mend), page)}`]),
  ];
}

function closingLine({ problem, warning }: Count, page: Page): string {
  const words = [
    ...(problem === 0 ? [] : [paint('red', amount(problem, 'problem'), page)]),
    ...(warning === 0 ? [] : [paint('yellow', amount(warning, 'warning'), page)]),
  ];
  return words.length === 0 ? paint('green', 'Nothing to mend.', page) : `${words.join(' and ')}.`;
}

function amount(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function paint(style: 'bold' | 'cyan' | (typeof styles)[Verdict], text: string, { isColoured }: Page): string {
  return isColoured ? styleText(style, text, { validateStream: false }) : text;
}

/** Breaks between words; a word that is too long stands on a line of its own. */
function wrap(text: string, columns: number | undefined): string[] {
  if (columns === undefined) return [text];
  const broken = [''];
  for (const word of text.split(' ')) {
    const last = broken.at(-1)!; // never empty
    if (last === '') broken[broken.length - 1] = word;
    else if (last.length + 1 + word.length <= columns) broken[broken.length - 1] = `${last} ${word}`;
    else broken.push(word);
  }
  return broken;
}
