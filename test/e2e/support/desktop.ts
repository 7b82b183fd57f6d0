// A desktop for a client with windows: an X server without a screen and a D-Bus
// session, both only of this person. What the windows show is read off the
// picture, as a person would, by tesseract.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { DrivenProcess } from './driven-process.ts';
import { eventually } from './eventually.ts';
import type { PersonHome } from './person-home.ts';
import { encodeEnlarged, readXwd, type Picture } from './screenshot.ts';

const screenSize = { width: 760, height: 480 };
const enlargement = 3;
const startTimeoutMs = 15_000;
const readTimeoutMs = 30_000;

export class Desktop {
  readonly #home: PersonHome;

  private constructor(home: PersonHome) {
    this.#home = home;
  }

  /** X server and bus run when this resolves; the home ends them. */
  static async open(home: PersonHome): Promise<Desktop> {
    const screen = ['-screen', '0', `${screenSize.width}x${screenSize.height}x24`, '-fbdir', home.path];
    const server = home.start('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp', '-noreset', ...screen]);
    const address = `unix:path=${join(home.path, 'run/bus')}`;
    const bus = home.start('dbus-daemon', ['--session', '--nofork', '--print-address', `--address=${address}`]);
    const display = await firstLine(server, 'the number of the display');
    await firstLine(bus, 'the address of the bus');
    Object.assign(home.env, {
      DISPLAY: `:${display}`,
      DBUS_SESSION_BUS_ADDRESS: address,
      // No service that a person's real session would have.
      GIO_USE_VFS: 'local',
      GSETTINGS_BACKEND: 'memory',
      NO_AT_BRIDGE: '1',
      // One processor is enough for tesseract.
      OMP_THREAD_LIMIT: '1',
    });
    // Letters that are on no key are lost when the client learns too late of the key that xdotool makes for them.
    await home.run('setxkbmap', 'de');
    return new Desktop(home);
  }

  /** What the screen shows, or its upper left corner of this size. */
  async picture(size: { readonly width?: number; readonly height?: number } = {}): Promise<Picture> {
    return readXwd(await readFile(join(this.#home.path, 'Xvfb_screen0')), size);
  }

  /** The words on the screen. */
  async read(): Promise<string> {
    return await this.#readOff(await this.picture());
  }

  /** Waits until each word of this text is on the screen. */
  async see(text: string): Promise<void> {
    const words = lettersOf(text);
    let seen: Picture | undefined;
    let last = '';
    const look = async (): Promise<boolean> => {
      const picture = await this.picture();
      // Reading takes a second of a processor, which the client may need to get on.
      if (seen !== undefined && Buffer.compare(seen.pixels, picture.pixels) === 0) return false;
      seen = picture;
      last = await this.#readOff(picture);
      const shown = new Set(lettersOf(last));
      return words.every((word) => shown.has(word));
    };
    try {
      await eventually(text, look, readTimeoutMs);
    } catch (error) {
      throw new Error(`the screen never showed ${JSON.stringify(text)}, but:\n${last.trim()}`, { cause: error });
    }
  }

  /** Types into the window that has the focus, and presses Enter. */
  async type(text: string): Promise<void> {
    await this.#home.run('xdotool', 'type', text);
    await this.#home.run('xdotool', 'key', 'Return');
  }

  /** Raises the window with this title, when it is there, and gives it the focus, as no window manager does. */
  async focus(title: string): Promise<void> {
    const find = ['search', '--onlyvisible', '--sync', '--name', title];
    await this.#home.run('xdotool', ...find, 'windowraise', 'windowfocus', '--sync');
  }

  async #readOff(picture: Picture): Promise<string> {
    await this.#home.write('screen.pgm', encodeEnlarged(picture, enlargement));
    return await this.#home.run('tesseract', join(this.#home.path, 'screen.pgm'), 'stdout', '--psm', '11');
  }

  /** Calls a method of a program on the bus; what it returned, as gdbus prints it. */
  async call(service: string, object: string, method: string, ...args: readonly string[]): Promise<string> {
    const where = ['--session', '--dest', service, '--object-path', object, '--method', method];
    return await this.#home.run('gdbus', 'call', ...where, ...args);
  }
}

function firstLine(child: DrivenProcess, what: string): Promise<string> {
  return child.lines
    .take(() => true, what, startTimeoutMs)
    .catch((error: unknown) => {
      throw new Error(`${what} did not come:\n${child.errors}`, { cause: error });
    });
}

/** Words in lower case, without what is easily misread. */
function lettersOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
}
