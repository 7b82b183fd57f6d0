// The configuration files, as whoever edits them needs to hear about them:
// every problem at once, with a command that opens the editor at its line.

import { SimppError } from '../../shared/errors.ts';
import { ConfigError, formatProblem, type ConfigProblem } from '../config/problem.ts';
import { findings, shellWord, type Finding } from './finding.ts';

const say = findings('config');

/** A file that was read, or what is wrong with it. */
export type Readable<Value> =
  { readonly kind: 'read'; readonly value: Value } | { readonly kind: 'wrong'; readonly findings: readonly Finding[] };

/** Reads by `read`; errors of configuration become findings. */
export function readForDoctor<Value>(read: () => Value): Readable<Value> {
  try {
    return { kind: 'read', value: read() };
  } catch (error) {
    if (error instanceof ConfigError) return { kind: 'wrong', findings: error.problems.map(problemFinding) };
    if (error instanceof SimppError && error.code === 'config-invalid') {
      const file = /^(\S+): /.exec(error.message)?.[1];
      const mend = file === undefined ? 'simpp setup' : `chmod u+r ${shellWord(file)}`;
      return { kind: 'wrong', findings: [say.problem(error.message, mend)] };
    }
    throw error;
  }
}

function problemFinding(problem: ConfigProblem): Finding {
  const at = problem.line === undefined ? '' : `+${problem.line} `;
  return say.problem(formatProblem(problem), `\${EDITOR:-vi} ${at}${shellWord(problem.file)}`);
}
