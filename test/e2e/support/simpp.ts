// The program itself as real processes: commands that end, and the roles that
// run until SIGTERM, each with a folder of its own as SIMPP_HOME.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DrivenProcess, type Exit } from './driven-process.ts';
import { keepLogLine, keepSecret } from './evidence.ts';

const main = fileURLToPath(new URL('../../../proxy/main.ts', import.meta.url));
const readyTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;

/** A temporary folder for all state of a role. */
export class Home implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), 'simpp-home-')));
  }

  /** The keys at rest are secrets of the run: in whatever form, they belong in no log. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keepKeys();
    await rm(this.path, { recursive: true, force: true });
  }

  async #keepKeys(): Promise<void> {
    const keystoreKey = await readFile(join(this.path, 'keystore', 'keystore.key')).catch(() => undefined);
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      if (keystoreKey !== undefined) keepSecret('key of a keystore', keystoreKey.toString(form));
    }
    const gatewayKey = await readFile(join(this.path, 'gateway.key'), 'utf8').catch(() => '');
    // The scalars, as the file has them.
    for (const [scalar] of gatewayKey.matchAll(/[A-Za-z0-9+/]{30,}=*/g)) keepSecret('key of a gateway', scalar);
  }
}

export interface Finished extends Exit {
  readonly stdout: readonly string[];
  readonly stderr: string;
}

function start(home: Home, args: readonly string[], env: Readonly<Record<string, string>> = {}): DrivenProcess {
  const name = `simpp ${args.join(' ')}`;
  return new DrivenProcess(process.execPath, [main, ...args], {
    name,
    env: { ...env, SIMPP_HOME: home.path },
    onErrorLine: (line) => keepLogLine(name, line),
  });
}

/** Runs a command to its end, with nothing on standard input. */
export async function runSimpp(home: Home, ...args: readonly string[]): Promise<Finished> {
  await using child = start(home, args);
  child.endInput();
  const exit = await child.exited;
  return { ...exit, stdout: child.lines.all, stderr: child.errors };
}

/** The object that a command with `--json` prints as its last line; throws when it did not end well. */
export async function simppJson(home: Home, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const finished = await runSimpp(home, ...args, '--json');
  const last = finished.stdout.at(-1);
  if (finished.code !== 0 || last === undefined) {
    throw new Error(`simpp ${args.join(' ')} ended with ${finished.code ?? finished.signal}:\n${finished.stderr}`);
  }
  // The command promises one JSON object there.
  return JSON.parse(last) as Record<string, unknown>;
}

/** `simpp gateway run` or `simpp proxy`, ready. Disposing of it kills it; `stop` ends it as an administrator would. */
export class SimppRole implements AsyncDisposable {
  readonly listen: readonly string[];
  readonly #process: DrivenProcess;

  private constructor(child: DrivenProcess, listen: readonly string[]) {
    this.#process = child;
    this.listen = listen;
  }

  static async start(home: Home, ...args: readonly string[]): Promise<SimppRole> {
    return await SimppRole.startWith({}, home, ...args);
  }

  /** With these variables in its environment too. */
  static async startWith(
    env: Readonly<Record<string, string>>,
    home: Home,
    ...args: readonly string[]
  ): Promise<SimppRole> {
    const child = start(home, [...args, '--json', '--log-level', 'debug'], env);
    try {
      const line = await child.lines.take((text) => text.includes('"ready"'), 'the ready line', readyTimeoutMs);
      const ready = JSON.parse(line) as { ready: unknown; listen: unknown };
      if (ready.ready !== true || !Array.isArray(ready.listen)) throw new Error(`not a ready line: ${line}`);
      return new SimppRole(child, ready.listen.map(String));
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw new Error(`simpp ${args.join(' ')} did not get ready:\n${child.errors}`, { cause: error });
    }
  }

  get host(): string {
    return this.#address()[0];
  }

  /** The port of the first listener. */
  get port(): number {
    return this.#address()[1];
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when it has ended, by whatever. */
  get exited(): Promise<Exit> {
    return this.#process.exited;
  }

  /** The last lines of the log. */
  get log(): string {
    return this.#process.errors;
  }

  /** SIGTERM; resolves with how it ended, which must be exit code 0. */
  async stop(): Promise<Exit> {
    this.#process.signal('SIGTERM');
    const timer = setTimeout(() => this.#process.signal('SIGKILL'), stopTimeoutMs);
    const exit = await this.#process.exited;
    clearTimeout(timer);
    return exit;
  }

  /** SIGKILL, as a crash. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  #address(): [string, number] {
    const address = this.listen[0] ?? '';
    const colon = address.lastIndexOf(':');
    return [address.slice(0, colon), Number(address.slice(colon + 1))];
  }
}
