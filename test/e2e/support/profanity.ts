// A real profanity in a terminal of its own: typed into and read through tmux,
// with its own home, so that nothing of the person's configuration counts.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { keepSecret } from './evidence.ts';

const run = promisify(execFile);

export interface ProfanitySetup {
  readonly host: string;
  readonly port: number;
  readonly jid: string;
  readonly password: string;
  /** `disable` stays in clear, `trust` takes any certificate, `legacy` begins with TLS. */
  readonly tlsPolicy?: 'disable' | 'allow' | 'force' | 'trust' | 'legacy';
  /** PEM file of what it trusts instead of the system's authorities. */
  readonly caFile?: string;
}

const account = 'test';
const resource = 'profanity';
const pollMs = 50;
const defaultTimeoutMs = 15_000;

export class Profanity implements AsyncDisposable {
  readonly jid: string;
  readonly #home: string;
  readonly #caFile: string | undefined;

  private constructor({ jid, caFile }: ProfanitySetup, home: string) {
    this.jid = jid;
    this.#caFile = caFile;
    this.#home = home;
  }

  /** Starts the client and its login; the screen tells how it goes. */
  static async connect(setup: ProfanitySetup): Promise<Profanity> {
    const profanity = new Profanity(setup, await mkdtemp(join(tmpdir(), 'simpp-profanity-')));
    try {
      await profanity.#configure(setup);
      const size = ['-x', '160', '-y', '50'];
      await profanity.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, `profanity -a ${account} -l DEBUG`);
      return profanity;
    } catch (error) {
      await profanity[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Logged in and available. */
  static async login(setup: ProfanitySetup): Promise<Profanity> {
    const profanity = await Profanity.connect(setup);
    try {
      await profanity.see(`${setup.jid}/${resource} logged in successfully`);
      return profanity;
    } catch (error) {
      await profanity[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the window shows now, with what scrolled away. */
  async screen(): Promise<string> {
    const { stdout } = await this.#tmux('capture-pane', '-p', '-J', '-S', '-500');
    return stdout;
  }

  /** Waits until the window shows this text, or something that fits. */
  async see(wanted: string | RegExp, timeoutMs = defaultTimeoutMs): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const screen = await this.screen();
      if (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)) return screen;
      if (Date.now() > deadline)
        throw new Error(`profanity never showed ${String(wanted)}; its window:\n${screen.trim()}`);
      // A terminal announces no changes: looking again is the only way.
      await delay(pollMs);
    }
  }

  /** Types a line and presses Enter. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', line);
    await this.#tmux('send-keys', 'Enter');
  }

  async say(to: string, body: string): Promise<void> {
    // Commands to SIMPP are words of its own.
    if (to !== 'simpp.invalid') keepSecret('body', body);
    await this.type(`/msg ${to} ${body}`);
  }

  /** Looks into the conversation with a contact and waits for the text. */
  async hear(from: string, body: string): Promise<string> {
    await this.type(`/msg ${from}`);
    return await this.see(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The server is ours alone: its socket is in our folder. It may have ended with the program.
    await this.#tmux('kill-server').catch(() => undefined);
    await rm(this.#home, { recursive: true, force: true });
  }

  async #configure(setup: ProfanitySetup): Promise<void> {
    const lines = [
      `[${account}]`,
      'enabled=true',
      `jid=${setup.jid}`,
      `password=${setup.password}`,
      `server=${setup.host}`,
      `port=${setup.port}`,
      `tls.policy=${setup.tlsPolicy ?? 'disable'}`,
      `resource=${resource}`,
    ];
    await mkdir(join(this.#home, 'data/profanity'), { recursive: true });
    await mkdir(join(this.#home, 'config/profanity'), { recursive: true });
    await writeFile(join(this.#home, 'data/profanity/accounts'), `${lines.join('\n')}\n`, { mode: 0o600 });
    await writeFile(join(this.#home, 'config/profanity/profrc'), '[ui]\nsplash=false\n[notifications]\nmessage=off\n');
  }

  async #tmux(...args: string[]): Promise<{ stdout: string }> {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.#home,
      XDG_DATA_HOME: join(this.#home, 'data'),
      XDG_CONFIG_HOME: join(this.#home, 'config'),
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      ...(this.#caFile === undefined ? {} : { SSL_CERT_FILE: this.#caFile }),
    };
    return await run('tmux', ['-S', join(this.#home, 'tmux.sock'), ...args], { env });
  }
}
