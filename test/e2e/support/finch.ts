// A real Finch in a terminal, with the settings of docs/guide/finch.md.
import { PersonHome } from './person-home.ts';
import { writePurpleAccount } from './purple-account.ts';
import type { Talker, TalkerLogin } from './talker.ts';
import { Terminal } from './terminal.ts';

export class Finch implements Talker {
  readonly terminal: Terminal;
  readonly #home: PersonHome;

  private constructor(home: PersonHome, terminal: Terminal) {
    this.#home = home;
    this.terminal = terminal;
  }

  static async login(login: TalkerLogin): Promise<Finch> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await PersonHome.create('finch'));
    await writePurpleAccount(home, { page: 'finch', ui: 'gnt-purple' }, login);
    const terminal = await Terminal.open(home, 'finch', 'finch');
    stack.move();
    return new Finch(home, terminal);
  }

  /** A message opens a window behind the list of buddies; once raised, it stays in front. */
  async hear(from: string, body: string): Promise<void> {
    // The bar at the bottom names all windows.
    const bar = await this.terminal.see(from);
    if (!isInFront(bar, from)) await this.terminal.press('M-n');
    await this.terminal.see(body);
  }

  async say(to: string, body: string): Promise<void> {
    await this.terminal.see(`${to} (`);
    await this.terminal.type(body);
    await this.terminal.press('Enter');
    await this.terminal.see(body);
  }

  shows(): Promise<string> {
    return this.terminal.screen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
  }
}

/** Its whole title is to be seen. */
function isInFront(screen: string, contact: string): boolean {
  return screen.includes(`┤${contact}`);
}
