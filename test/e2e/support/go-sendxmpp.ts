// A real go-sendxmpp, with the settings of docs/guide/go-sendxmpp.md. One process
// listens; each message that is sent takes another, as the program is made.
import { join } from 'node:path';

import type { DrivenProcess } from './driven-process.ts';
import { guideSettings } from './guide-settings.ts';
import { PersonHome } from './person-home.ts';
import type { Talker, TalkerLogin } from './talker.ts';

/** The port on the page: 5222 is the one for plaintext. */
const printedPort = 5223;
const rcFile = 'sendxmpprc';

export class GoSendxmpp implements Talker {
  readonly #home: PersonHome;
  readonly #flags: readonly string[];
  readonly #listener: DrivenProcess;

  private constructor(home: PersonHome, flags: readonly string[]) {
    this.#home = home;
    this.#flags = flags;
    this.#listener = home.start('go-sendxmpp', [...flags, '--listen']);
  }

  static async login({ secure, ...login }: TalkerLogin): Promise<GoSendxmpp> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await PersonHome.create('go-sendxmpp'));
    // It looks for its file in the home of /etc/passwd, so it is told.
    const settings = await guideSettings('go-sendxmpp', 'yaml', { ...login, port: secure.port, printedPort });
    await home.write(rcFile, settings);
    await home.write('simpp-ca.pem', secure.authority);
    home.env['SSL_CERT_FILE'] = join(home.path, 'simpp-ca.pem');
    stack.move();
    return new GoSendxmpp(home, ['--file', rcFile, ...(secure.kind === 'direct TLS' ? ['--tls'] : [])]);
  }

  async hear(from: string, body: string): Promise<void> {
    await this.#listener.lines.take((line) => line.includes(from) && line.includes(body), body);
  }

  async say(to: string, body: string): Promise<void> {
    await this.#home.write('message', body);
    await this.#home.run('go-sendxmpp', ...this.#flags, '--message', 'message', to);
  }

  async shows(): Promise<string> {
    return [...this.#listener.lines.all, this.#listener.errors].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
  }
}
