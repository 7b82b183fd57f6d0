// All that a server has of what its people say: the files that it keeps, its
// archives as it gives them to whoever has the password, and what went over its
// wire. Who runs it, or breaks in, has no more.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { WireTap } from '../../../proxy/try/wire-tap.ts';
import { archiveText } from './archive.ts';
import { loginAt, type Account } from './proxy-side.ts';

export interface ObservedServer {
  readonly server: { readonly host: string; readonly port: number; readonly folder: string };
  /** Between the server and whoever speaks with it. */
  readonly atServer: WireTap;
}

export interface Held {
  readonly files: Buffer;
  readonly archives: Buffer;
  readonly wire: Buffer;
}

/** What it has now of these accounts. */
export async function heldByServer({ server, atServer }: ObservedServer, accounts: readonly Account[]): Promise<Held> {
  const archives: Buffer[] = [];
  // One after the other: whoever logs in so is seen by the others.
  for (const account of accounts) archives.push(Buffer.from(await archiveText(loginAt(server, account))));
  return { files: await bytesBelow(server.folder), archives: Buffer.concat(archives), wire: atServer.captured() };
}

async function bytesBelow(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))));
}
