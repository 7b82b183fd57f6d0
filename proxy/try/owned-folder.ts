// A private temporary folder for a server that must not run as root: when we are
// root, folder and files belong to the user that the server will run as.
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { SimppError } from '../../shared/errors.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The first of these users that exists, when we are root; else nobody needs to change. */
export async function unprivilegedOwner(names: readonly string[]): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const rows = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of names) {
    const row = rows.find(([first]) => first === name);
    if (row) return { uid: Number(row[2]), gid: Number(row[3]) };
  }
  throw new SimppError('missing-program', `Not as root: this needs one of the users ${names.join(', ')}.`);
}

/** Deleted, with all in it, when disposed of. */
export class OwnedFolder implements AsyncDisposable {
  readonly path: string;
  readonly #owner: Owner | undefined;

  private constructor(path: string, owner: Owner | undefined) {
    this.path = path;
    this.#owner = owner;
  }

  static async create(prefix: string, owner: Owner | undefined): Promise<OwnedFolder> {
    const folder = new OwnedFolder(await mkdtemp(join(tmpdir(), prefix)), owner);
    await folder.#own(folder.path);
    return folder;
  }

  /** Writes a file that only the owner can read, with the folders that it needs. */
  async write(relative: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.path, relative);
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (let folder = dirname(path); made && folder.length >= made.length; folder = dirname(folder)) {
      await this.#own(folder);
    }
    await writeFile(path, content, { mode: 0o600 });
    await this.#own(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  async #own(path: string): Promise<void> {
    if (this.#owner) await chown(path, this.#owner.uid, this.#owner.gid);
  }
}
