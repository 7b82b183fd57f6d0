// Who listens on a port of this machine, as far as Linux tells: the table of
// sockets names an inode, and some process has it among its open files.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A program that listens. */
export interface PortOwner {
  readonly pid: number;
  readonly name: string;
}

/** State LISTEN in /proc/net/tcp. */
const listening = '0A';
const maxProcesses = 20_000;

/** Where sockets listen on a port: addresses in the kernel's own hexadecimal form, with their inodes. */
export function listenersOn(port: number, proc = '/proc'): { readonly address: string; readonly inode: string }[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return ['net/tcp', 'net/tcp6'].flatMap((table) =>
    lines(`${proc}/${table}`).flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', localPort] = local.split(':');
      return state === listening && localPort === wanted ? [{ address, inode }] : [];
    }),
  );
}

/** The program behind a listening port; undefined when it is not ours to see, or there is no /proc. */
export function portOwner(port: number, proc = '/proc'): PortOwner | undefined {
  const sockets = new Set(listenersOn(port, proc).map(({ inode }) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  const pids = names(proc).filter((name) => /^\d+$/.test(name));
  for (const pid of pids.slice(0, maxProcesses)) {
    const folder = `${proc}/${pid}/fd`;
    if (names(folder).some((fd) => sockets.has(target(`${folder}/${fd}`)))) {
      return { pid: Number(pid), name: lines(`${proc}/${pid}/comm`)[0] ?? 'a program' };
    }
  }
  return undefined;
}

/** Whether an address of /proc/net/tcp stands for every address of this machine. */
export function isEveryAddress(address: string): boolean {
  return /^0+$/.test(address);
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Processes and files come and go while we look. */
function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
