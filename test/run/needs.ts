// What the tests need beside Node, in one table: the program, where it is when it
// is there, and which Debian packages bring it. A suite names its needs; without
// them its tests are skipped by name, and in CI a skip is a failure.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Need {
  readonly packages: readonly string[];
  /** Names on the PATH or absolute paths; all must be there. */
  readonly files: readonly string[];
}

export const needTable = {
  'ca-certificates': { packages: ['ca-certificates'], files: ['update-ca-certificates'] },
  ejabberd: { packages: ['ejabberd'], files: ['ejabberdctl', 'erl', 'setpriv'] },
  fail2ban: { packages: ['fail2ban'], files: ['fail2ban-regex'] },
  finch: { packages: ['finch', 'tmux'], files: ['finch', 'tmux', 'setpriv'] },
  gajim: {
    packages: ['gajim', 'xvfb', 'xdotool', 'x11-xkb-utils', 'dbus-daemon', 'libglib2.0-bin', 'tesseract-ocr'],
    files: ['gajim', 'Xvfb', 'xdotool', 'setxkbmap', 'dbus-daemon', 'gdbus', 'tesseract', 'setpriv'],
  },
  'go-sendxmpp': { packages: ['go-sendxmpp'], files: ['go-sendxmpp', 'setpriv'] },
  haproxy: { packages: ['haproxy'], files: ['haproxy', 'setpriv'] },
  openssl: { packages: ['openssl'], files: ['openssl'] },
  pidgin: {
    packages: ['pidgin', 'xvfb', 'xdotool', 'x11-xkb-utils', 'dbus-daemon', 'tesseract-ocr'],
    files: ['pidgin', 'Xvfb', 'xdotool', 'setxkbmap', 'dbus-daemon', 'tesseract', 'setpriv'],
  },
  poezio: { packages: ['poezio', 'tmux'], files: ['poezio', 'tmux', 'setpriv'] },
  profanity: { packages: ['profanity', 'tmux'], files: ['profanity', 'tmux'] },
  prosody: { packages: ['prosody'], files: ['prosody', 'setpriv'] },
  python: {
    packages: ['python3', 'python3-cryptography'],
    files: ['/usr/bin/python3', '/usr/lib/python3/dist-packages/cryptography'],
  },
  slixmpp: {
    packages: ['python3', 'python3-slixmpp'],
    files: ['/usr/bin/python3', '/usr/lib/python3/dist-packages/slixmpp'],
  },
  stunnel: { packages: ['stunnel4'], files: ['stunnel'] },
  unshare: { packages: ['util-linux', 'mount'], files: ['unshare', 'mount'] },
  keyring: { packages: ['gnome-keyring', 'dbus'], files: ['gnome-keyring-daemon', 'dbus-run-session'] },
  mandoc: { packages: ['mandoc'], files: ['mandoc'] },
  systemd: { packages: ['systemd'], files: ['systemd-analyze'] },
} as const satisfies Record<string, Need>;

export type NeedName = keyof typeof needTable;

export const needNames = Object.keys(needTable) as NeedName[]; // the keys of a literal

function isPresent(file: string): boolean {
  if (file.startsWith('/')) return existsSync(file);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  return folders.some((folder) => existsSync(join(folder, file)));
}

/** Those of the needs that this machine does not meet. */
export function missing(names: readonly NeedName[]): NeedName[] {
  return names.filter((name) => !needTable[name].files.every(isPresent));
}

/** First line of a suite's `describe`: skips all its tests when a program is missing. */
export function needs(...names: readonly NeedName[]): void {
  before(`needs ${names.join(', ')}`, function () {
    const absent = missing(names);
    if (absent.length === 0) return;
    const packages = absent.flatMap((name) => needTable[name].packages);
    process.stdout.write(`    skipped, not installed: ${absent.join(', ')} (apt-get install ${packages.join(' ')})\n`);
    this.skip();
  });
}
