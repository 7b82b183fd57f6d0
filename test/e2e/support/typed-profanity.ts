// A real profanity without an account, typed into as docs/guide/profanity.md says.
import { guideSettings } from './guide-settings.ts';
import { PersonHome } from './person-home.ts';
import type { Talker, TalkerLogin } from './talker.ts';
import { Terminal } from './terminal.ts';

export class TypedProfanity implements Talker {
  readonly terminal: Terminal;
  readonly #home: PersonHome;

  private constructor(home: PersonHome, terminal: Terminal) {
    this.#home = home;
    this.terminal = terminal;
  }

  static async login(login: TalkerLogin): Promise<TypedProfanity> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await PersonHome.create('profanity'));
    const terminal = await Terminal.open(home, 'profanity', 'profanity');
    const profanity = new TypedProfanity(home, terminal);
    await terminal.see('Profanity');
    await profanity.#enter((await guideSettings('profanity', '', login)).trimEnd());
    await terminal.see('Enter password');
    await profanity.#enter(login.password);
    stack.move();
    return profanity;
  }

  async hear(from: string, body: string): Promise<void> {
    await this.#enter(`/msg ${from}`);
    await this.terminal.see(body);
  }

  async say(to: string, body: string): Promise<void> {
    await this.#enter(`/msg ${to} ${body}`);
    await this.terminal.see(body);
  }

  shows(): Promise<string> {
    return this.terminal.screen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
  }

  async #enter(line: string): Promise<void> {
    await this.terminal.type(line);
    await this.terminal.press('Enter');
  }
}
