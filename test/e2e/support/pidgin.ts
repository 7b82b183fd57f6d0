// A real Pidgin on a desktop of its own, with the settings of docs/guide/pidgin.md.
import { Desktop } from './desktop.ts';
import { PersonHome } from './person-home.ts';
import { writePurpleAccount } from './purple-account.ts';
import type { Talker, TalkerLogin } from './talker.ts';

export class Pidgin implements Talker {
  readonly desktop: Desktop;
  readonly #home: PersonHome;

  private constructor(home: PersonHome, desktop: Desktop) {
    this.#home = home;
    this.desktop = desktop;
  }

  static async login(login: TalkerLogin): Promise<Pidgin> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await PersonHome.create('pidgin'));
    await writePurpleAccount(home, { page: 'pidgin', ui: 'gtk-gaim' }, login);
    const desktop = await Desktop.open(home);
    home.start('pidgin');
    stack.move();
    return new Pidgin(home, desktop);
  }

  /** The first message of somebody opens a window whose title is the contact. */
  async hear(from: string, body: string): Promise<void> {
    await this.desktop.focus(from);
    await this.desktop.see(body);
  }

  async say(to: string, body: string): Promise<void> {
    await this.desktop.focus(to);
    await this.desktop.type(body);
  }

  shows(): Promise<string> {
    return this.desktop.read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
  }
}
