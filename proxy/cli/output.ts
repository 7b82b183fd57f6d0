// stdout of a command: text for people, or JSON lines for scripts.

/** Where a command writes its results. */
export interface Output {
  readonly json: boolean;
  /** For people; nothing with --json. */
  say(text: string): void;
  /** For scripts; nothing without --json. */
  result(value: Readonly<Record<string, unknown>>): void;
  /** For people on stderr, in both cases: what they must not miss. */
  warn(text: string): void;
}

/** The output of this process. */
export function processOutput(json: boolean): Output {
  return {
    json,
    say: (text) => void (json || process.stdout.write(`${text}\n`)),
    result: (value) => void (json && process.stdout.write(`${JSON.stringify(value)}\n`)),
    warn: (text) => void process.stderr.write(`simpp: ${text}\n`),
  };
}
