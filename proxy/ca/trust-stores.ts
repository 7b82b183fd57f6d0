// Where systems keep the authorities that they trust, and the commands that
// change that, as data; cli/cert-install.ts runs them or prints them.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program with its arguments. */
export type Command = readonly [string, ...string[]];

/** How a system comes to trust a file with one certificate, and to forget it. */
export interface TrustPlan {
  /** What takes it, for people. */
  readonly store: string;
  readonly install: readonly Command[];
  readonly remove: readonly Command[];
  /** Whether the commands are for root. */
  readonly needsRoot: boolean;
}

/** One authority's certificate to be trusted. */
export interface Trusted {
  /** PEM, with this certificate only. */
  readonly file: string;
  /** A file name without its ending, of its own for each authority. */
  readonly name: string;
  /** SHA-1 in hexadecimal digits: the name under which Windows and macOS find it again. */
  readonly sha1: string;
}

/** A Linux distribution's own store. */
export interface LinuxStore {
  readonly store: string;
  readonly folder: string;
  /** Of the files in the folder. */
  readonly ending: string;
  readonly update: Command;
}

/** The stores of Linux distributions; the first whose folder exists is the system's. */
export const linuxStores: readonly LinuxStore[] = [
  {
    store: 'Debian, Ubuntu, Alpine',
    folder: '/usr/local/share/ca-certificates',
    ending: '.crt',
    update: ['update-ca-certificates'],
  },
  {
    store: 'Fedora, Red Hat',
    folder: '/etc/pki/ca-trust/source/anchors',
    ending: '.pem',
    update: ['update-ca-trust', 'extract'],
  },
  {
    store: 'Arch',
    folder: '/etc/ca-certificates/trust-source/anchors',
    ending: '.crt',
    update: ['update-ca-trust', 'extract'],
  },
  {
    store: 'openSUSE',
    folder: '/etc/pki/trust/anchors',
    ending: '.pem',
    update: ['update-ca-certificates'],
  },
];

/** The plan for the system that this runs on; undefined where its store is not known. */
export function systemPlan(trusted: Trusted): TrustPlan | undefined {
  if (process.platform === 'darwin') return macPlan(trusted);
  if (process.platform === 'win32') return windowsPlan(trusted);
  const store = linuxStores.find(({ folder }) => existsSync(folder));
  return store && linuxPlan(store, trusted);
}

export function linuxPlan({ store, folder, ending, update }: LinuxStore, { file, name }: Trusted): TrustPlan {
  const target = join(folder, name + ending);
  return {
    store,
    install: [['install', '-m', '0644', file, target], update],
    remove: [['rm', '-f', target], update],
    needsRoot: true,
  };
}

export function macPlan({ file, sha1 }: Trusted): TrustPlan {
  const keychain = '/Library/Keychains/System.keychain';
  return {
    store: 'the system keychain',
    install: [['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-p', 'ssl', '-k', keychain, file]],
    remove: [['security', 'delete-certificate', '-Z', sha1, '-t', keychain]],
    needsRoot: true,
  };
}

export function windowsPlan({ file, sha1 }: Trusted): TrustPlan {
  return {
    store: "the user's Root store",
    install: [['certutil', '-user', '-addstore', 'Root', file]],
    remove: [['certutil', '-user', '-delstore', 'Root', sha1]],
    needsRoot: false,
  };
}

/** For programs with an NSS database of their own, as Chromium and Pidgin's builds with NSS have. */
export function nssCommand({ file, name }: Trusted): string {
  return `certutil -d sql:"$HOME/.pki/nssdb" -A -t C,, -n ${name} -i ${quoted(file)}`;
}

/** A command as it is typed. */
export function commandLine(command: Command): string {
  return command.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
