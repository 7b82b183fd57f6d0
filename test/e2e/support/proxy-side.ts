// One person's machine: a real proxy with its own folder, set up by the command
// line, stopped and started again on the same port.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Policy } from '../../../proxy/endtoend/desk.ts';
import { keepSecret } from './evidence.ts';
import { freePort } from './free-port.ts';
import { statusOf } from './role-status.ts';
import { Home, simppJson, SimppRole } from './simpp.ts';

export interface Account {
  readonly jid: string;
  readonly password: string;
}

/** What a client needs to be told. */
export interface Login extends Account {
  readonly host: string;
  readonly port: number;
}

const host = '127.0.0.1';

/** A login at this place. */
export function loginAt(place: { readonly host: string; readonly port: number }, account: Account): Login {
  keepSecret('password', account.password);
  return { host: place.host, port: place.port, jid: account.jid, password: account.password };
}

export class ProxySide implements AsyncDisposable {
  readonly home: Home;
  readonly host = host;
  readonly port: number;
  readonly #e2e: Policy;
  #role: SimppRole | undefined;

  private constructor(home: Home, port: number, e2e: Policy) {
    this.home = home;
    this.port = port;
    this.#e2e = e2e;
  }

  /** A machine on which nothing is set up yet; its set-ups encrypt nothing end to end unless they are to. */
  static async create({ e2e = 'off' }: { readonly e2e?: Policy } = {}): Promise<ProxySide> {
    return new ProxySide(await Home.create(), await freePort(), e2e);
  }

  /** `simpp setup` of an account, which keeps its password, with the flags that say the way. */
  async setUpAccount({ jid, password }: Account, ...way: readonly string[]): Promise<Record<string, unknown>> {
    keepSecret('password', password);
    const file = join(this.home.path, 'password');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return await this.#setUp(jid, '--password-file', file, ...way);
  }

  /** `simpp setup` of a domain, whose clients bring their own passwords. */
  async setUpDomain(domain: string, ...way: readonly string[]): Promise<Record<string, unknown>> {
    return await this.#setUp(domain, ...way);
  }

  /** `simpp proxy`, with these variables in its environment too. */
  async run(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#role = await SimppRole.startWith(env, this.home, 'proxy');
  }

  get role(): SimppRole {
    if (this.#role === undefined) throw new Error('the proxy does not run');
    return this.#role;
  }

  async stop(): Promise<void> {
    const exit = await this.role.stop();
    if (exit.code !== 0) throw new Error(`the proxy ended with ${exit.code ?? exit.signal}:\n${this.role.log}`);
  }

  async kill(): Promise<void> {
    await this.role.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.run();
  }

  /** Where a client of this machine logs in. */
  login(account: Account): Login {
    return loginAt(this, account);
  }

  async counters(): Promise<Readonly<Record<string, number>>> {
    return (await statusOf(this.home, 'proxy')).counters;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#role?.[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }

  #setUp(name: string, ...flags: readonly string[]): Promise<Record<string, unknown>> {
    return simppJson(this.home, 'setup', name, '--listen', `${host}:${this.port}`, '--e2e', this.#e2e, ...flags);
  }
}
