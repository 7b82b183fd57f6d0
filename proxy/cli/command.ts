// What all commands share: --json, help with examples and exit codes, and
// errors that are thrown instead of ending the process.

import { Command, InvalidArgumentError, Option } from 'commander';
import { endpointForm, parseEndpoint, type Endpoint } from '../endpoint.ts';

/** The parts of a command's help. */
export interface CommandHelp {
  readonly summary: string;
  readonly description: string;
  /** Lines after a "$ ". */
  readonly examples: readonly string[];
  /** Exit codes besides 0, 64 and 70, with their meanings. */
  readonly exitCodes?: Readonly<Record<number, string>>;
}

const commonExitCodes = { 0: 'done', 64: 'the command line is wrong', 70: 'a bug in simpp' };

/** What was declared beside what commander keeps, for the man pages. */
const helps = new WeakMap<Command, Required<CommandHelp>>();

/** The help of a command; undefined for one that only has others below it. */
export function helpOf(command: Command): Required<CommandHelp> | undefined {
  return helps.get(command);
}

/** A command with the shared behaviour. */
export function defineCommand(name: string, help: CommandHelp): Command {
  const codes = Object.entries({ ...commonExitCodes, ...help.exitCodes });
  const after = [
    '',
    'Examples:',
    ...help.examples.map((example) => `  $ ${example}`),
    '',
    'Exit codes:',
    ...codes.map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`),
    '',
    'SIMPP_HOME=FOLDER keeps all files of the role in one folder.',
  ];
  const command = quiet(new Command(name));
  helps.set(command, { ...help, exitCodes: { ...commonExitCodes, ...help.exitCodes } });
  return command
    .summary(help.summary)
    .description(help.description)
    .option('--json', 'write results and errors as JSON lines on stdout')
    .addHelpText('after', after.join('\n'));
}

/** A command whose errors are thrown and reported in one place (report.ts). */
export function quiet(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .helpOption('-h, --help', 'show this help');
}

/** An option that takes HOST:PORT. */
export function endpointOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(readEndpoint);
}

/** An option that takes HOST:PORT and may be given several times. */
export function endpointsOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text, before: Endpoint[] | undefined) => [
    ...(before ?? []),
    readEndpoint(text),
  ]);
}

function readEndpoint(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined) throw new InvalidArgumentError(`Expected ${endpointForm}.`);
  return endpoint;
}

/** A parser for an option that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** The same for text that must have a form; the text itself is kept. */
export function collectChecked(
  form: string,
  read: (text: string) => unknown,
): (text: string, before: readonly string[] | undefined) => readonly string[] {
  return (text, before) => {
    if (read(text) === undefined) throw new InvalidArgumentError(`Expected ${form}.`);
    return [...(before ?? []), text];
  };
}

/** A parser for whole numbers in a range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}
