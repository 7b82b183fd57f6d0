// A program in a terminal of its own: typed into and read through tmux.
import { join } from 'node:path';

import { eventually } from './eventually.ts';
import type { PersonHome } from './person-home.ts';

const columns = 100;
const rows = 24;

export class Terminal {
  readonly #home: PersonHome;
  readonly #name: string;

  private constructor(home: PersonHome, name: string) {
    this.#home = home;
    this.#name = name;
  }

  /** Starts a command line of the shell; the home ends it. */
  static async open(home: PersonHome, name: string, command: string): Promise<Terminal> {
    const terminal = new Terminal(home, name);
    // The last words of a program that ended stay to be read.
    await home.write('tmux.conf', 'set -g remain-on-exit on\n');
    const size = ['-x', String(columns), '-y', String(rows)];
    await terminal.#tmux('-f', join(home.path, 'tmux.conf'), 'new-session', '-d', ...size, command);
    return terminal;
  }

  /** What the window shows now. */
  screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-J');
  }

  /** Waits until the window shows this text, or something that fits. */
  async see(wanted: string | RegExp): Promise<string> {
    let last = '';
    try {
      return await eventually(String(wanted), async () => {
        last = await this.screen();
        const fits = typeof wanted === 'string' ? last.includes(wanted) : wanted.test(last);
        return fits && last;
      });
    } catch (error) {
      throw new Error(`${this.#name} never showed ${String(wanted)}; its window:\n${last.trim()}`, { cause: error });
    }
  }

  /** Types text as it stands. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** Presses a key by tmux's name for it, like Enter, C-n or M-n. */
  async press(key: string): Promise<void> {
    await this.#tmux('send-keys', key);
  }

  #tmux(...args: readonly string[]): Promise<string> {
    return this.#home.run('tmux', '-S', join(this.#home.path, 'tmux.sock'), ...args);
  }
}
