// Starts a real Prosody on loopback with its own data folder, for the try-out
// world and for the tests. It never touches the system's Prosody: other
// configuration, other folder, other port, and as root it runs as Prosody's user.
import { once } from 'node:events';
import { access, constants, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

import { SimppError } from '../../shared/errors.ts';
import { OwnedFolder, unprivilegedOwner, type Owner } from './owned-folder.ts';
import {
  pluginFolder,
  renderAccount,
  renderConfig,
  type ProsodyAccount,
  type ProsodyChoices,
} from './prosody-config.ts';
import { ServerProcess, type Outcome } from './server-process.ts';

export interface ProsodyOptions extends Partial<ProsodyChoices> {
  readonly accounts?: readonly ProsodyAccount[];
  /** PEM files, needed unless `tls` is `none`; copied to where Prosody's user can read them. */
  readonly certificate?: { readonly certFile: string; readonly keyFile: string };
}

const host = '127.0.0.1';
const startTimeoutMs = 15_000;
const stopTimeoutMs = 5_000;
const portAttempts = 5;

/** Full path of the prosody program, if it is installed. */
export async function findProsody(): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  for (const folder of folders) {
    const path = join(folder, 'prosody');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/** A port that was free a moment ago: Prosody cannot be given port 0. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new SimppError('internal');
  return address.port;
}

/** A running Prosody. Disposing of it stops the process and deletes its folder. */
export class Prosody implements AsyncDisposable {
  readonly host = host;
  readonly domain: string;
  readonly accounts: readonly ProsodyAccount[];
  readonly #options: ProsodyOptions;
  readonly #program: string;
  readonly #owner: Owner | undefined;
  readonly #folder: OwnedFolder;
  readonly #process = new ServerProcess(stopTimeoutMs);
  #port = 0;

  private constructor(options: ProsodyOptions, program: string, owner: Owner | undefined, folder: OwnedFolder) {
    this.domain = options.domain ?? 'example.test';
    this.accounts = options.accounts ?? [];
    this.#options = options;
    this.#program = program;
    this.#owner = owner;
    this.#folder = folder;
  }

  /** A server with these accounts that takes logins when the promise resolves. */
  static async start(options: ProsodyOptions = {}): Promise<Prosody> {
    const program = await findProsody();
    if (!program)
      throw new SimppError(
        'missing-program',
        'Prosody is not installed (Debian: apt-get install prosody, or run this again with --install). ' +
          'With "simpp try --server HOST:PORT" an XMPP server of your own is used.',
      );
    const owner = await unprivilegedOwner(['prosody', 'nobody']);
    const prosody = new Prosody(options, program, owner, await OwnedFolder.create('simpp-prosody-', owner));
    try {
      await prosody.#writeAccounts();
      await prosody.start();
      return prosody;
    } catch (error) {
      await prosody[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The client port: plaintext or STARTTLS; with `tls: 'direct'`, TLS from the first byte. */
  get port(): number {
    return this.#port;
  }

  /** Where everything is that it keeps. */
  get folder(): string {
    return this.#folder.path;
  }

  /** Of the process that runs. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The last lines of the server's log. */
  get log(): string {
    return this.#process.log;
  }

  /** Starts again after `stop` or `kill`, with the same data and, while it is free, on the same port. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#port === 0 || attempt > 1) this.#port = await freePort();
      await this.#writeConfig();
      const outcome = await this.#run();
      if (outcome === 'ready') return;
      await this.stop();
      if (outcome === 'failed' || attempt === portAttempts) {
        throw new SimppError('server-unreachable', `Prosody did not start. Its log ends:\n${this.log}`);
      }
    }
  }

  /** Ends the process as an administrator would: sessions get `<system-shutdown/>`. */
  async stop(): Promise<void> {
    await this.#process.end('SIGTERM');
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #writeAccounts(): Promise<void> {
    const named = (this.#options.moreHosts ?? []).filter(({ anonymous }) => anonymous !== true);
    for (const domain of [this.domain, ...named.map((each) => each.domain)]) {
      for (const account of this.accounts) {
        const { path, text } = renderAccount(domain, account);
        await this.#folder.write(join('data', path), text);
      }
    }
  }

  async #writeConfig(): Promise<void> {
    const { certificate, accounts: _accounts, ...chosen } = this.#options;
    if (certificate) {
      await this.#folder.write('server.crt', await readFile(certificate.certFile));
      await this.#folder.write('server.key', await readFile(certificate.keyFile));
    }
    for (const [name, lua] of Object.entries(chosen.plugins ?? {})) {
      await this.#folder.write(join(pluginFolder, `mod_${name}.lua`), lua);
    }
    const defaults = { tls: 'none', authentication: 'internal_hashed', logLevel: 'info' } as const;
    const choices = { ...defaults, ...chosen, domain: this.domain };
    await this.#folder.write(
      'prosody.cfg.lua',
      renderConfig(choices, { folder: this.#folder.path, host, port: this.#port }),
    );
  }

  #command(): [string, string[]] {
    const prosody = ['--config', join(this.#folder.path, 'prosody.cfg.lua'), '-F'];
    if (process.platform !== 'linux') return [this.#program, prosody];
    // However we end, even by SIGKILL, Prosody must not stay behind.
    const wrapped = ['--pdeathsig', 'TERM'];
    if (this.#owner) wrapped.push(`--reuid=${this.#owner.uid}`, `--regid=${this.#owner.gid}`, '--clear-groups');
    return ['setpriv', [...wrapped, '--', this.#program, ...prosody]];
  }

  #run(): Promise<Outcome> {
    const [command, args] = this.#command();
    const service = this.#options.tls === 'direct' ? 'c2s_direct_tls' : 'c2s';
    const readyLine = `Activated service '${service}' on [${host}]:${this.#port}`;
    return this.#process.start({
      command,
      args,
      options: { cwd: this.#folder.path },
      outcomeOf: (line) => {
        if (line.includes(readyLine)) return 'ready';
        return line.includes('Failed to open server port') ? 'port-taken' : undefined;
      },
      timeoutMs: startTimeoutMs,
    });
  }
}
