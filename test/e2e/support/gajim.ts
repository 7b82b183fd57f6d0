// A real Gajim on a desktop of its own, with the settings of docs/guide/gajim.md.
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';

import { Desktop } from './desktop.ts';
import { guideSettings } from './guide-settings.ts';
import { PersonHome } from './person-home.ts';
import type { Talker, TalkerLogin } from './talker.ts';

const accountName = 'test';
/** What Gajim 1.7 writes itself; a later one migrates it. */
const schema = `
CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);
CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);
PRAGMA user_version=5;`;
const program = {
  action_on_close: 'quit',
  autoaway: false,
  autoxa: false,
  check_for_update: false,
  chat_handle_position: 240,
  mainwin_height: 480,
  mainwin_width: 760,
  plugins_update_check: false,
  show_notifications: false,
  show_trayicon: false,
  sounds_on: false,
  use_keyring: false,
};

export class Gajim implements Talker {
  readonly desktop: Desktop;
  readonly #home: PersonHome;

  private constructor(home: PersonHome, desktop: Desktop) {
    this.#home = home;
    this.desktop = desktop;
  }

  static async login(login: TalkerLogin): Promise<Gajim> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await PersonHome.create('gajim'));
    await writeSettings(home, login);
    const desktop = await Desktop.open(home);
    home.start('gajim');
    stack.move();
    return new Gajim(home, desktop);
  }

  /** A message from somebody puts a line into the list, with its first words; a click opens the conversation. */
  async hear(from: string, body: string): Promise<void> {
    await this.desktop.see(body.split(' ', 2).join(' '));
    await this.#open(from);
    await this.desktop.see(body);
  }

  async say(to: string, body: string): Promise<void> {
    await this.#open(to);
    await this.desktop.focus('Gajim');
    await this.desktop.type(body);
  }

  shows(): Promise<string> {
    return this.desktop.read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home[Symbol.asyncDispose]();
  }

  async #open(contact: string): Promise<void> {
    const parameter = `[<['${accountName}', '${contact}']>]`;
    const activate = ['org.gajim.Gajim', '/org/gajim/Gajim', 'org.gtk.Actions.Activate'] as const;
    await this.desktop.call(...activate, 'open-chat', parameter, '{}');
  }
}

async function writeSettings(home: PersonHome, login: TalkerLogin): Promise<void> {
  // The page shows one JSON object of account settings.
  const fromGuide = JSON.parse(await guideSettings('gajim', 'json', login)) as Record<string, unknown>;
  const [name, hostname] = login.jid.split('@');
  const { password, resource } = login;
  const account = { active: true, autoconnect: true, savepass: true, name, hostname, password, resource, ...fromGuide };
  const file = '.config/gajim/settings.sqlite';
  // An empty file is an empty database; it stays the person's.
  await home.write(file, '');
  const database = new DatabaseSync(join(home.path, file));
  try {
    database.exec(schema);
    const put = database.prepare('INSERT INTO settings VALUES (?, ?)');
    for (const kind of ['soundevents', 'status_presets', 'proxies', 'plugins']) put.run(kind, '{}');
    put.run('workspaces', JSON.stringify({ 'the-only-one': {} }));
    put.run('app', JSON.stringify(program));
    const settings = { account, contact: {}, group_chat: {} };
    database.prepare('INSERT INTO account_settings VALUES (?, ?)').run(accountName, JSON.stringify(settings));
  } finally {
    database.close();
  }
}
