// What is wrong with a configuration file, said with its place: all problems
// at once, so that a person mends a file in one go.

import { SimppError } from '../../shared/errors.ts';

/** One thing that is wrong. */
export interface ConfigProblem {
  readonly file: string;
  /** 1-based; absent when the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  /** Dotted key, absent for syntax errors. */
  readonly key?: string;
  readonly text: string;
}

/** `config-invalid`, with every problem of the files that were read. */
export class ConfigError extends SimppError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('config-invalid', problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `FILE:LINE:COLUMN: KEY: TEXT`, the form that editors jump to. */
export function formatProblem(problem: ConfigProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return problem.key === undefined ? `${place}: ${problem.text}` : `${place}: ${problem.key}: ${problem.text}`;
}
