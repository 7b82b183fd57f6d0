// A folder in which a control socket answers for desks that a test made, as a
// running proxy would.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backups } from '../../../../proxy/cli/backups.ts';
import { endToEndHandlers } from '../../../../proxy/cli/end-to-end-handlers.ts';
import { findHome, type Home } from '../../../../proxy/config/home.ts';
import { listenControl, type ControlServer } from '../../../../proxy/control/server.ts';
import { controlSocketPath } from '../../../../proxy/control/socket-path.ts';
import { SimppError } from '../../../../shared/errors.ts';
import { PersonDesk } from '../../endtoend/contact/person-desk.ts';
import { simpp, type Finished } from '../simpp.ts';

export const alice = 'alice@example.test';

const noBackups: Backups = {
  export: () => Promise.reject(new SimppError('internal', 'no backups here')),
  import: () => Promise.reject(new SimppError('internal', 'no backups here')),
};

export class DeskWorld implements AsyncDisposable {
  readonly desk: PersonDesk;
  readonly home: Home;
  readonly #server: ControlServer;

  private constructor(desk: PersonDesk, home: Home, server: ControlServer) {
    this.desk = desk;
    this.home = home;
    this.#server = server;
  }

  static async open(accounts: readonly string[] = [alice], desk: PersonDesk = new PersonDesk()): Promise<DeskWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'simpp-desk-'));
    const home = findHome({ platform: process.platform, home: folder, env: { SIMPP_HOME: folder } });
    const desks = {
      desk(jid: string): PersonDesk {
        if (accounts.includes(jid)) return desk;
        throw new SimppError('config-missing', `${jid} has not logged in.`);
      },
      endToEndAccounts: () => accounts,
      restored: () => undefined,
    };
    const handlers = endToEndHandlers(Promise.resolve(desks), noBackups);
    return new DeskWorld(desk, home, await listenControl(controlSocketPath(home, 'proxy'), handlers));
  }

  run(...args: readonly string[]): Promise<Finished> {
    return simpp(args, { home: this.home.stateDir });
  }

  /** With text on standard input. */
  runWith(input: string, ...args: readonly string[]): Promise<Finished> {
    return simpp(args, { home: this.home.stateDir, input });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    rmSync(this.home.stateDir, { recursive: true });
  }
}
