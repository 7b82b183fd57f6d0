// A person's home folder and the programs that run in it: real clients with
// their own configuration, which see nothing of ours. Some of them refuse to be
// root, so as root they run as nobody. What they leave behind (a D-Bus daemon, a
// gpg-agent, a tmux) is found by its HOME and ended with the folder.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { OwnedFolder, unprivilegedOwner, type Owner } from '../../../proxy/try/owned-folder.ts';
import { DrivenProcess } from './driven-process.ts';
import { eventually } from './eventually.ts';

const run = promisify(execFile);
const maxOutputBytes = 32 * 1024 * 1024;
const commandTimeoutMs = 20_000;

export class PersonHome implements AsyncDisposable {
  /** Further variables of every program that is started from now on. */
  readonly env: Record<string, string> = {};
  readonly #owner: Owner | undefined;
  readonly #folder: OwnedFolder;

  private constructor(owner: Owner | undefined, folder: OwnedFolder) {
    this.#owner = owner;
    this.#folder = folder;
  }

  /** An empty home whose name says whose. */
  static async create(name: string): Promise<PersonHome> {
    const owner = await unprivilegedOwner(['nobody']);
    const home = new PersonHome(owner, await OwnedFolder.create(`simpp-${name}-`, owner));
    // XDG_RUNTIME_DIR must be there, and its owner's alone.
    await home.write('run/.keep', '');
    return home;
  }

  get path(): string {
    return this.#folder.path;
  }

  async write(relative: string, content: string | Uint8Array): Promise<void> {
    await this.#folder.write(relative, content);
  }

  /** A program that goes on running. */
  start(program: string, args: readonly string[] = []): DrivenProcess {
    const [command, ...rest] = this.#command(program, args);
    return new DrivenProcess(command, rest, { name: program, cwd: this.path });
  }

  /** A program that ends; what it printed. Rejects when it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const [command, ...rest] = this.#command(program, args);
    const options = { cwd: this.path, maxBuffer: maxOutputBytes, timeout: commandTimeoutMs };
    return (await run(command, rest, options)).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await eventually(`the end of what runs in ${this.path}`, async () => {
      const pids = await this.#processes();
      for (const pid of pids) end(pid);
      return pids.length === 0;
    });
    await this.#folder[Symbol.asyncDispose]();
  }

  #command(program: string, args: readonly string[]): [string, ...string[]] {
    const variables = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: this.path,
      XDG_RUNTIME_DIR: join(this.path, 'run'),
      // nobody's own shell is nologin, which tmux would take.
      SHELL: '/bin/sh',
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      ...this.env,
    };
    const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const person = this.#owner ? [`--reuid=${this.#owner.uid}`, `--regid=${this.#owner.gid}`, '--clear-groups'] : [];
    // However we end, even by SIGKILL, the program must not stay behind.
    return ['setpriv', '--pdeathsig', 'KILL', ...person, '--', 'env', '-i', ...words, program, ...args];
  }

  /** Ids of all processes that were started with this home. */
  async #processes(): Promise<number[]> {
    const mark = `\0HOME=${this.path}\0`;
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''));
    const marked = (await Promise.all(environments)).map((text) => `\0${text}`.includes(mark));
    return pids.filter((_, index) => marked[index]).map(Number);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended since we looked.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
