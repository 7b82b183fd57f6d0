// `simpp accounts list` and `show`.

import { parseSetupName } from '../address.ts';
import { findHome } from '../config/home.ts';
import { setupName } from '../options.ts';
import { HintedError } from './hint.ts';
import { readAccountRows, type AccountRow } from './account-rows.ts';
import { processOutput } from './output.ts';
import { tableLines } from './table.ts';

/** Runs `simpp accounts list`. */
export async function listAll({ json = false }: { readonly json?: boolean }): Promise<void> {
  const output = processOutput(json);
  const rows = await readAccountRows(findHome());
  output.result({ accounts: rows });
  if (rows.length === 0) output.say('Nothing is set up yet: "simpp setup" begins.');
  else for (const line of listLines(rows, Date.now(), process.stdout.columns)) output.say(line);
}

/** Runs `simpp accounts show`. */
export async function showOne(address: string, { json = false }: { readonly json?: boolean }): Promise<void> {
  const output = processOutput(json);
  const name = setupName(parseSetupName(address));
  const row = (await readAccountRows(findHome())).find((each) => each.name === name);
  if (row === undefined) throw notSetUp(name);
  output.result({ ...row });
  for (const line of detailLines(row, Date.now())) output.say(line);
}

/** What is said of a name that no set-up and no stored account has. */
export function notSetUp(name: string): HintedError {
  return new HintedError('config-missing', `${name} is not set up.`, '"simpp accounts" lists what is.');
}

/** The list; `columns` of the terminal, if it is one. */
export function listLines(rows: readonly AccountRow[], now: number, columns: number | undefined): string[] {
  const column = (head: string, leastOf: number, cell: (row: AccountRow) => string) => ({
    head,
    leastOf,
    cells: rows.map(cell),
  });
  return tableLines(
    [
      column('ACCOUNT', 0, ({ name, through }) => (through === undefined ? name : `  ${name}`)),
      column('STATE', 0, stateText),
      column('LAST LOGIN', 1, ({ lastLogin }) => (lastLogin === undefined ? '' : ago(Date.parse(lastLogin), now))),
      column('WAY', 2, ({ mode, via, through }) => (through === undefined ? wayText(mode, via) : '')),
      column('DEVICE', 3, ({ device = '' }) => device.slice(0, 8)),
      column('FINGERPRINT', 4, ({ fingerprint }) => (fingerprint === undefined ? '' : `${fingerprint.slice(0, 11)} …`)),
    ],
    columns,
  );
}

/** Everything about one. */
export function detailLines(row: AccountRow, now: number): string[] {
  const { name, through, mode, via, profile, hasPassword, device, fingerprint, gatewayFingerprint, lastLogin, file } =
    row;
  const lines: (readonly [string, string | undefined])[] = [
    ['state', stateText(row)],
    ['way', through === undefined ? wayText(mode, via) : `as everyone of ${through}`],
    ['profile', profile],
    ['password', hasPassword === undefined ? undefined : hasPassword ? 'stored, sealed' : 'not stored'],
    [
      'last login',
      lastLogin === undefined ? undefined : `${ago(Date.parse(lastLogin), now)}, ${lastLogin.slice(0, 16)}Z`,
    ],
    ['device', device],
    ['fingerprint', fingerprint],
    ['gateway key', gatewayFingerprint],
    ['file', file],
  ];
  return [name, ...lines.flatMap(([what, text]) => (text === undefined ? [] : [`  ${what.padEnd(12)} ${text}`]))];
}

const stateTexts = {
  enrolled: 'enrolled',
  pending: 'pending',
  unenrolled: 'not enrolled yet',
  guest: 'guests',
  direct: 'direct',
  'without a set-up': 'without a set-up',
} as const;

function stateText({ state }: AccountRow): string {
  return stateTexts[state];
}

function wayText(mode: AccountRow['mode'], via: string | undefined): string {
  if (mode === undefined) return '';
  return mode === 'gateway' ? `gateway ${via}` : (via ?? 'by DNS');
}

/** How long ago, in one unit. */
export function ago(then: number, now: number): string {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
