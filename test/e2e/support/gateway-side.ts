// The organisation's side: a real gateway before a real Prosody, restarted and
// set up anew as an administrator would.
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DirectoryStore } from '../../../proxy/gateway/directory/directory.ts';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { freePort } from './free-port.ts';
import { statusOf } from './role-status.ts';
import { Home, simppJson, SimppRole } from './simpp.ts';

export interface GatewayPlan {
  readonly domain: string;
  readonly server: { readonly host: string; readonly port: number };
  /** Further flags of `gateway init`. */
  readonly flags?: readonly string[];
}

const host = '127.0.0.1';

export class GatewaySide implements AsyncDisposable {
  readonly home: Home;
  readonly host = host;
  readonly port: number;
  /** Host and port in it are the gateway's own. */
  invite = '';
  fingerprint = '';
  #plan: GatewayPlan;
  #role: SimppRole | undefined;

  private constructor(plan: GatewayPlan, home: Home, port: number) {
    this.#plan = plan;
    this.home = home;
    this.port = port;
  }

  /** Set up and running. */
  static async start(plan: GatewayPlan): Promise<GatewaySide> {
    const gateway = await GatewaySide.create(plan);
    try {
      await gateway.run();
      return gateway;
    } catch (error) {
      await gateway[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Set up, not yet running. */
  static async create(plan: GatewayPlan): Promise<GatewaySide> {
    const gateway = new GatewaySide(plan, await Home.create(), await freePort());
    try {
      await gateway.#init();
      return gateway;
    } catch (error) {
      await gateway[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `simpp gateway run`. */
  async run(): Promise<void> {
    this.#role = await SimppRole.start(this.home, 'gateway', 'run');
  }

  get role(): SimppRole {
    if (this.#role === undefined) throw new Error('the gateway does not run');
    return this.#role;
  }

  async stop(): Promise<void> {
    const exit = await this.role.stop();
    if (exit.code !== 0) throw new Error(`the gateway ended with ${exit.code ?? exit.signal}:\n${this.role.log}`);
  }

  async kill(): Promise<void> {
    await this.role.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.run();
  }

  /** `simpp gateway init` again, with what is to change, between stop and run. The key and the directory stay. */
  async restartWith(change: Partial<GatewayPlan>): Promise<void> {
    this.#plan = { ...this.#plan, ...change };
    await this.stop();
    await this.#init();
    await this.run();
  }

  async counters(): Promise<Readonly<Record<string, number>>> {
    return (await statusOf(this.home, 'gateway')).counters;
  }

  /** Open connections, by what they have become. */
  async connections(): Promise<Readonly<Record<'opening' | 'simpp' | 'spliced', number>>> {
    return (await statusOf(this.home, 'gateway')).connections;
  }

  /** A copy of the database's files, as a thief or a backup has it: the running gateway keeps the original. */
  async copyDirectory(): Promise<StolenDirectory> {
    return await StolenDirectory.take(this.home.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#role?.[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }

  /** `simpp gateway init`. */
  async #init(): Promise<void> {
    const { domain, server, flags = [] } = this.#plan;
    const places = ['--listen', `${host}:${this.port}`, '--server', `${server.host}:${server.port}`];
    const printed = await simppJson(this.home, 'gateway', 'init', '--domain', domain, ...places, ...flags);
    this.invite = String(printed['invite']);
    this.fingerprint = String(printed['fingerprint']);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('gateway.db'));
}

async function copyFiles(from: string, to: string): Promise<void> {
  for (const name of await filesIn(from)) await cp(join(from, name), join(to, name));
}

/** The directory out of its gateway's hands. */
export class StolenDirectory implements AsyncDisposable {
  readonly folder: string;
  readonly store: DirectoryStore;

  private constructor(folder: string, store: DirectoryStore) {
    this.folder = folder;
    this.store = store;
  }

  static async take(from: string): Promise<StolenDirectory> {
    const folder = await mkdtemp(join(tmpdir(), 'simpp-stolen-'));
    await copyFiles(from, folder);
    return new StolenDirectory(folder, await openSqliteDirectory(join(folder, 'gateway.db')));
  }

  /** All that the thief has: the database and its log. */
  async bytes(): Promise<Buffer> {
    const names = await filesIn(this.folder);
    return Buffer.concat(await Promise.all(names.map((name) => readFile(join(this.folder, name)))));
  }

  /** Puts the loot into a gateway's folder. */
  async copyTo(folder: string): Promise<void> {
    await copyFiles(this.folder, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
