// How a command that failed says so: for people on stderr, for scripts as one
// JSON line on stdout, and by its exit code.

import { CommanderError } from 'commander';
import { asSimppError, type SimppError } from '../../shared/errors.ts';
import { ConfigError } from '../config/problem.ts';
import { errorFields } from '../log-error.ts';
import { printable } from '../log.ts';
import { HintedError, hintOf } from './hint.ts';

/** Says what went wrong; returns the exit code. */
export function reportError(thrown: unknown, json: boolean): number {
  const error = thrown instanceof CommanderError ? fromCommander(thrown) : asSimppError(thrown);
  if (json) process.stdout.write(`${JSON.stringify({ error: toJson(error) })}\n`);
  // The stack of a bug is for whoever mends it, whatever reads the result.
  if (!json || error.code === 'internal') process.stderr.write(`${toText(error)}\n`);
  return error.exitCode;
}

function toJson(error: SimppError): Record<string, unknown> {
  const problems = error instanceof ConfigError ? { problems: error.problems } : {};
  const hint = hintOf(error);
  return { code: error.code, text: error.message, ...(hint === undefined ? {} : { hint }), ...problems };
}

function toText(error: SimppError): string {
  const lines = [`simpp: ${error.message.split('\n').map(printable).join('\nsimpp: ')}`];
  const { stack, cause } = errorFields(error);
  // Only a bug needs its stack.
  if (error.code === 'internal') lines.push(`${cause ?? ''}`, `${stack ?? ''}`);
  const hint = hintOf(error);
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines.filter((line) => line !== '').join('\n');
}

/** commander's own message, without its prefix, and its suggestion as the hint. */
function fromCommander(error: CommanderError): SimppError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1 ');
  return new HintedError(
    'usage',
    `${first.charAt(0).toUpperCase()}${first.slice(1)}.`.replace(/\.\.$/, '.'),
    `${suggestion}--help shows what the command takes.`,
  );
}
