// A program under test as a real process: its output by lines, its exit, and its
// end with the test, whatever happened.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

import { Inbox } from './inbox.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DrivenOptions {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Gets each line of standard error. */
  readonly onErrorLine?: (line: string) => void;
}

const keptErrorLines = 300;

export class DrivenProcess implements AsyncDisposable {
  /** Lines of standard output. */
  readonly lines = new Inbox<string>();
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #output: Interface;
  readonly #errors: string[] = [];

  constructor(command: string, args: readonly string[], options: DrivenOptions) {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = createInterface({ input: child.stdout });
    this.#output.on('line', (line) => this.lines.put(line));
    createInterface({ input: child.stderr }).on('line', (line) => {
      options.onErrorLine?.(line);
      this.#errors.push(line);
      if (this.#errors.length > keptErrorLines) this.#errors.shift();
    });
    // Writing to a program that has ended is not our failure: its exit is reported.
    child.stdin.on('error', () => undefined);
    const { promise, resolve } = Promise.withResolvers<Exit>();
    child.once('error', (error) => {
      this.#errors.push(error.message);
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
    this.exited = promise.then((exit) => {
      this.lines.close(`${options.name} ended with ${exit.code ?? exit.signal}:\n${this.errors}`);
      return exit;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines of standard error. */
  get errors(): string {
    return this.#errors.join('\n');
  }

  /** Calls back for each line of standard output from now on. */
  onLine(listener: (line: string) => void): void {
    this.#output.on('line', listener);
  }

  writeLine(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Closes standard input. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.exited;
  }
}
