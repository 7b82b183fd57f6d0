// A real poezio in a terminal, with the settings of docs/guide/poezio.md.
import { guideSettings } from './guide-settings.ts';
import { PersonHome } from './person-home.ts';
import type { Talker, TalkerLogin } from './talker.ts';
import { Terminal } from './terminal.ts';

export class Poezio implements Talker {
  readonly terminal: Terminal;
  readonly #home: PersonHome;

  private constructor(home: PersonHome, terminal: Terminal) {
    this.#home = home;
    this.terminal = terminal;
  }

  static async login(login: TalkerLogin): Promise<Poezio> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await PersonHome.create('poezio'));
    const settings = await guideSettings('poezio', 'ini', { ...login, jid: `${login.jid}/${login.resource}` });
    await home.write('.config/poezio/poezio.cfg', `${settings}password = ${login.password}\n`);
    const terminal = await Terminal.open(home, 'poezio', 'poezio');
    stack.move();
    return new Poezio(home, terminal);
  }

  async hear(from: string, body: string): Promise<void> {
    const tab = `[${from}]`;
    // A message from somebody opens a tab beside the roster.
    await this.terminal.see(/^ *1\./m);
    if (!(await this.terminal.screen()).includes(tab)) await this.terminal.press('C-n');
    await this.terminal.see(tab);
    await this.terminal.see(body);
  }

  /** In the tab that is open, of whoever wrote. */
  async say(to: string, body: string): Promise<void> {
    await this.terminal.see(`[${to}]`);
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
