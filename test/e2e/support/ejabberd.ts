// Starts a real ejabberd on loopback with its own data folder, as
// proxy/try/prosody.ts starts a Prosody, so that a suite can take either. The
// Erlang node has no name: no distribution, no cookie, no epmd that stays behind.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OwnedFolder, unprivilegedOwner, type Owner } from '../../../proxy/try/owned-folder.ts';
import type { ProsodyAccount } from '../../../proxy/try/prosody-config.ts';
import { ServerProcess, type Outcome } from '../../../proxy/try/server-process.ts';
import type { Certificate } from './certs.ts';
import { registering, renderAccounts, renderEjabberdConfig, type EjabberdChoices } from './ejabberd-config.ts';
import { freePort } from './free-port.ts';

export interface EjabberdOptions extends Partial<EjabberdChoices> {
  readonly accounts?: readonly ProsodyAccount[];
  /** PEM files, needed unless `tls` is `none`; copied to where ejabberd's user can read them. */
  readonly certificate?: Certificate;
  /** Changes the configuration before it is written, for the port it listens on. */
  readonly rewrite?: (config: string, port: number) => string;
}

const host = '127.0.0.1';
const readyLine = 'ejabberd has its accounts';
const startTimeoutMs = 30_000;
const stopTimeoutMs = 8_000;
const portAttempts = 5;

/** Debian puts Erlang's libraries into the folder of the architecture. */
async function libraries(): Promise<string> {
  for (const entry of await readdir('/usr/lib', { withFileTypes: true })) {
    const folder = join('/usr/lib', entry.name);
    const inside = entry.isDirectory() ? await readdir(folder).catch(() => []) : [];
    if (inside.some((name) => name.startsWith('ejabberd-'))) return folder;
  }
  throw new Error('ejabberd is not installed (Debian: apt-get install ejabberd)');
}

/** A running ejabberd. Disposing of it stops the process and deletes its folder. */
export class Ejabberd implements AsyncDisposable {
  readonly host = host;
  readonly domain: string;
  readonly accounts: readonly ProsodyAccount[];
  readonly #options: EjabberdOptions;
  readonly #libraries: string;
  readonly #owner: Owner | undefined;
  readonly #folder: OwnedFolder;
  readonly #process = new ServerProcess(stopTimeoutMs);
  #port = 0;
  #directTlsPort: number | undefined;

  private constructor(options: EjabberdOptions, lib: string, owner: Owner | undefined, folder: OwnedFolder) {
    this.domain = options.domain ?? 'example.test';
    this.accounts = options.accounts ?? [];
    this.#options = options;
    this.#libraries = lib;
    this.#owner = owner;
    this.#folder = folder;
  }

  /** A server with these accounts that takes logins when the promise resolves. */
  static async start(options: EjabberdOptions = {}): Promise<Ejabberd> {
    const lib = await libraries();
    const owner = await unprivilegedOwner(['ejabberd', 'nobody']);
    const ejabberd = new Ejabberd(options, lib, owner, await OwnedFolder.create('simpp-ejabberd-', owner));
    try {
      await ejabberd.start();
      return ejabberd;
    } catch (error) {
      await ejabberd[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where everything is that it keeps. */
  get folder(): string {
    return this.#folder.path;
  }

  /** The client port: plaintext or STARTTLS; with `tls: 'direct'`, TLS from the first byte. */
  get port(): number {
    return this.#port;
  }

  /** A second client port, TLS from the first byte, beside one with STARTTLS. */
  get directTlsPort(): number {
    if (this.#directTlsPort === undefined) throw new Error('this ejabberd has no second port');
    return this.#directTlsPort;
  }

  /** The last lines of the server's log. */
  get log(): string {
    return this.#process.log;
  }

  /** Starts again after `stop` or `kill`, with the same data and, while they are free, on the same ports. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#port === 0 || attempt > 1) await this.#choosePorts();
      await this.#writeFiles();
      const outcome = await this.#run();
      if (outcome === 'ready') return;
      await this.kill();
      if (outcome === 'failed' || attempt === portAttempts) {
        throw new Error(`ejabberd did not start. Its log ends:\n${this.log}`);
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

  async #choosePorts(): Promise<void> {
    const { tls = 'none' } = this.#options;
    this.#port = await freePort();
    this.#directTlsPort = tls === 'starttls' || tls === 'starttls-required' ? await freePort() : undefined;
  }

  async #writeFiles(): Promise<void> {
    const { certificate, accounts: _accounts, rewrite, ...chosen } = this.#options;
    if (certificate) {
      const [cert, key] = await Promise.all([readFile(certificate.certFile), readFile(certificate.keyFile)]);
      await this.#folder.write('server.pem', Buffer.concat([cert, key]));
    }
    const choices = { tls: 'none', authentication: 'internal_hashed', ...chosen, domain: this.domain } as const;
    const place = { folder: this.#folder.path, host, port: this.#port, directTlsPort: this.#directTlsPort };
    const config = renderEjabberdConfig(choices, place);
    await this.#folder.write('ejabberd.yml', rewrite?.(config, this.#port) ?? config);
    await this.#folder.write('accounts', renderAccounts(this.accounts));
    // No name server is asked.
    await this.#folder.write('inetrc', '{lookup,["file"]}.\n{host,{127,0,0,1},["localhost"]}.\n');
  }

  #command(): [string, string[]] {
    const { path } = this.#folder;
    // Without these the idle emulator spins on the CPUs that the tests need.
    const quiet = ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'];
    const named = (this.#options.moreHosts ?? []).filter(({ anonymous }) => anonymous !== true);
    const domains = [this.domain, ...named.map(({ domain }) => domain)];
    const register = registering(domains, join(path, 'accounts'), readyLine);
    const spool = ['-mnesia', 'dir', JSON.stringify(join(path, 'spool'))];
    const erl = ['erl', ...quiet, '-noinput', ...spool, '-s', 'ejabberd', '-eval', register];
    // However we end, even by SIGKILL, ejabberd must not stay behind.
    const wrapped = ['--pdeathsig', 'TERM'];
    if (this.#owner) wrapped.push(`--reuid=${this.#owner.uid}`, `--regid=${this.#owner.gid}`, '--clear-groups');
    return ['setpriv', [...wrapped, '--', ...erl]];
  }

  #run(): Promise<Outcome> {
    const { path } = this.#folder;
    const [command, args] = this.#command();
    const env = {
      PATH: process.env['PATH'],
      HOME: path,
      ERL_LIBS: this.#libraries,
      ERL_INETRC: join(path, 'inetrc'),
      ERL_CRASH_DUMP_BYTES: '0',
      EJABBERD_CONFIG_PATH: join(path, 'ejabberd.yml'),
      EJABBERD_LOG_PATH: join(path, 'ejabberd.log'),
    };
    return this.#process.start({
      command,
      args,
      options: { cwd: path, env },
      outcomeOf: (line) => {
        if (line === readyLine) return 'ready';
        return line.includes('address already in use') ? 'port-taken' : undefined;
      },
      timeoutMs: startTimeoutMs,
    });
  }
}
