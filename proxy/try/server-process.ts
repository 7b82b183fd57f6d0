// The process of a real XMPP server on loopback: started until its own output
// says that it serves, ended as an administrator or a crash would, its last
// lines kept.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How a start ended. */
export type Outcome = 'ready' | 'port-taken' | 'failed';

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: Pick<SpawnOptions, 'cwd' | 'env'>;
  /** What a line of its output means for the start; undefined for any other. */
  readonly outcomeOf: (line: string) => Outcome | undefined;
  readonly timeoutMs: number;
}

const keptLogLines = 200;

export class ServerProcess {
  readonly #stopTimeoutMs: number;
  readonly #log: string[] = [];
  #child: ChildProcess | undefined;

  constructor(stopTimeoutMs: number) {
    this.#stopTimeoutMs = stopTimeoutMs;
  }

  /** Of the process that runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last lines of what it said, over all its starts. */
  get log(): string {
    return this.#log.join('\n');
  }

  async start({ command, args, options, outcomeOf, timeoutMs }: Start): Promise<Outcome> {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const timer = setTimeout(resolve, timeoutMs, 'failed');
    const onLine = (line: string): void => {
      this.#remember(line);
      const outcome = outcomeOf(line);
      if (outcome !== undefined) resolve(outcome);
    };
    createInterface({ input: child.stdout }).on('line', onLine);
    createInterface({ input: child.stderr }).on('line', onLine);
    child.once('error', (error) => {
      this.#remember(error.message);
      resolve('failed');
    });
    child.once('exit', () => resolve('failed'));
    const outcome = await promise;
    clearTimeout(timer);
    return outcome;
  }

  /** Resolves when it has ended, by SIGKILL if it takes too long. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const last = setTimeout(() => child.kill('SIGKILL'), this.#stopTimeoutMs);
    await ended;
    clearTimeout(last);
  }

  #remember(line: string): void {
    this.#log.push(line);
    if (this.#log.length > keptLogLines) this.#log.shift();
  }
}
