// The man pages, written from what the command line declares: one for each
// command and one for the whole. `node test/docs/write.ts` writes them.
import type { Argument, Command, Option } from 'commander';
import { helpOf } from '../../proxy/cli/command.ts';
import { defineProgram } from '../../proxy/cli/program.ts';
import { display, literal, paragraph, prose, tagged, words, type Lines } from './mdoc.ts';

/** A page's text by its name, all without their dates. */
export function manPages(): Readonly<Record<string, Lines>> {
  const program = defineProgram();
  const commands = program.commands.filter((command) => command.name() !== 'help');
  return Object.fromEntries([
    ['simpp', overview(program, commands)],
    ...commands.map((command) => [`simpp-${command.name()}`, commandPage(command)] as const),
  ]);
}

const day = /^\.Dd .*$/m;

/** The text of a page: with the date of the one before while nothing else has changed. */
export function datedPage(lines: Lines, before: string | undefined, today: Date): string {
  const text = (date: string): string => `${[date, ...lines].join('\n')}\n`;
  const dateBefore = before === undefined ? undefined : day.exec(before)?.[0];
  if (dateBefore !== undefined && text(dateBefore) === before) return before;
  const month = today.toLocaleString('en-US', { month: 'long', timeZone: 'UTC' });
  return text(`.Dd ${month} ${today.getUTCDate()}, ${today.getUTCFullYear()}`);
}

function head(name: string, what: string): Lines {
  return [`.Dt ${name.toUpperCase()} 1`, '.Os', '.Sh NAME', `.Nm ${name}`, `.Nd ${literal(what)}`];
}

function overview(program: Command, commands: readonly Command[]): Lines {
  return [
    ...head('simpp', 'transparent encryption for XMPP'),
    '.Sh SYNOPSIS',
    '.Nm',
    '.Ar command',
    '.Op Ar arguments ...',
    '.Sh DESCRIPTION',
    ...prose(program.description()),
    '.Pp',
    ...prose(
      'A person uses the commands setup and proxy, then points any XMPP client at 127.0.0.1:5222. An administrator uses ' +
        'gateway init and gateway run. To look at it, there is try; when something fails, doctor.',
    ),
    '.Pp',
    'The commands, each with a page of its own:',
    ...tagged(commands.map((command) => [`Xr simpp-${command.name()} 1`, sentence(command.summary())])),
    '.Sh ENVIRONMENT',
    ...tagged([
      ['Ev SIMPP_HOME', 'One folder for all files of the role.'],
      ['Ev SIMPP_KEYSTORE', 'The kind of a keystore that does not exist yet: file, passphrase or keyring.'],
      ['Ev SIMPP_PASSPHRASE_FILE', 'A file whose first line is the passphrase of the keystore.'],
    ]),
    '.Sh FILES',
    ...tagged([
      ['Pa ~/.config/simpp', 'Configuration: proxy.toml, accounts/*.toml, gateway.toml.'],
      ['Pa ~/.local/state/simpp', 'State: databases, keystore, the key of a gateway, control sockets.'],
    ]),
    '.Sh EXIT STATUS',
    ...prose(
      '0 is success, 64 a command line that cannot be understood, 70 a bug. The others are on the page of each command.',
    ),
    '.Sh SEE ALSO',
    ...seeAlso(commands.map((command) => `simpp-${command.name()}`)),
  ];
}

function commandPage(command: Command): Lines {
  const name = `simpp-${command.name()}`;
  const parts = command.commands;
  return [
    ...head(name, command.summary()),
    '.Sh SYNOPSIS',
    ...(parts.length === 0 ? [synopsis(command, [])] : parts.map((part) => synopsis(part, [command.name()]))).flat(),
    '.Sh DESCRIPTION',
    ...prose(command.description()),
    ...(parts.length === 0 ? options(command) : parts.flatMap((part) => section(part, command.name()))),
    ...(parts.length === 0 ? closing(command) : []),
    '.Sh SEE ALSO',
    ...seeAlso(['simpp']),
  ];
}

function section(part: Command, parent: string): Lines {
  return [
    `.Ss simpp ${words(`${parent} ${part.name()}`)}`,
    ...prose(part.description()),
    ...options(part),
    ...paragraph(examples(part).length === 0 ? [] : ['Examples:', ...examples(part)]),
    ...paragraph(['Exit status:', ...exitCodes(part)]),
  ];
}

function synopsis(command: Command, parents: readonly string[]): Lines {
  return [
    '.Nm simpp',
    `.Cm ${words([...parents, command.name()].join(' '))}`,
    ...command.options.filter((option) => option.mandatory).map((option) => `.Fl ${flag(option)}`),
    ...(command.options.some((option) => !option.mandatory) ? ['.Op Ar options'] : []),
    ...command.registeredArguments.map(argument),
  ];
}

function argument(declared: Argument): string {
  const name = `Ar ${words(declared.name())}`;
  return declared.required ? `.${name}` : `.Op ${name}`;
}

/** Options and arguments with what they mean. */
function options(command: Command): Lines {
  const items = [
    ...command.registeredArguments.map(
      (declared) => [`Ar ${words(declared.name())}`, sentence(explainedArgument(declared))] as const,
    ),
    ...command.options.map((option) => [`Fl ${flag(option)}`, sentence(explained(option))] as const),
    ['Fl h , Fl \\-help', 'Shows the help.'] as const,
  ];
  return tagged(items);
}

/** `-f , Fl -follow Ar x` for a line that begins with Fl. */
function flag({ flags, short, long }: Option): string {
  const value = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
  const names = [short, long]
    .filter((name) => name !== undefined && name !== null)
    .map((name) => literal(name.slice(1)));
  return `${names.join(' , Fl ')}${value === undefined ? '' : ` Ar ${words(value)}`}`;
}

function explainedArgument({ description, argChoices, defaultValue }: Argument): string {
  return withChoices(description, argChoices, defaultValue === undefined ? undefined : String(defaultValue));
}

function explained(option: Option): string {
  const hasDefault = option.defaultValue !== undefined && !option.description.includes('(default');
  return withChoices(option.description, option.argChoices, hasDefault ? String(option.defaultValue) : undefined);
}

function withChoices(text: string, choices: readonly string[] | undefined, fallback: string | undefined): string {
  const extras = [
    ...(choices === undefined ? [] : [choices.join(', ').replace(/, ([^,]+)$/, ' or $1')]),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ];
  return extras.length === 0 ? text : `${text} (${extras.join('; ')})`;
}

/** What commander shows as a fragment, as a sentence. */
function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function closing(command: Command): Lines {
  return [
    '.Sh EXIT STATUS',
    ...exitCodes(command),
    ...(examples(command).length === 0 ? [] : ['.Sh EXAMPLES', ...examples(command)]),
  ];
}

function exitCodes(command: Command): Lines {
  const codes = Object.entries(helpOf(command)?.exitCodes ?? {});
  return tagged(codes.map(([code, meaning]) => [code, sentence(meaning)]));
}

function examples(command: Command): Lines {
  return (helpOf(command)?.examples ?? []).map(display);
}

function seeAlso(names: readonly string[]): Lines {
  return names.toSorted().map((name, index) => `.Xr ${name} 1${index === names.length - 1 ? '' : ' ,'}`);
}
