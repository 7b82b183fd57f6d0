// What a check found, said so that a person can act on it: one line, and below
// it the mend as a command or as the exact line of a file.

/** Every check with what it looks at: the one list, also for docs/guide/doctor.md. */
export const checkTable = {
  node: 'Node is of a version that simpp runs on',
  config: 'proxy.toml, accounts/*.toml and gateway.toml can be read; else file, line and what is expected there',
  folder: 'the folders are yours, closed to others, can be written, and their disk is not full',
  keystore: 'the keystore opens: its files are closed to others, its passphrase or the keyring is at hand',
  database: 'the database is whole, of this version, and was sealed by this keystore',
  clock: "this machine's clock agrees with what others say about the time",
  running: 'the role runs, and its control socket belongs to the same user as its folder',
  listen: 'the listening addresses are free, or ours; else by which program they are taken',
  'local-ca': 'where clients use TLS here: the local authority is one that this machine trusts',
  autostart: 'the role starts by itself',
  address: 'the name of the gateway or server is known to DNS, and something listens there',
  gateway: 'a SIMPP gateway answers, and speaks the profile of the set-up',
  key: 'the gateway has the key that the set-up pins, shown by a handshake',
  guests: 'the gateway takes channels of domain set-ups, where there is one',
  certificate: 'the certificate is for the domain, from a known authority, and good for two more weeks',
  server: 'the XMPP server answers for the domain',
  mechanisms: 'the server offers a way to log in that simpp knows',
  device: 'the gateway counts this device as the account’s, and does not hold it as pending',
  login: 'with --login: the server takes the stored password',
  encryption:
    'end-to-end encryption: this device is approved, nothing waits for a decision, the recovery phrase was seen',
  features: 'with --login: what the server can do (stream management, archive, carbons, PEP)',
  bypass: 'no other port, BOSH or WebSocket of the domain leads past the gateway',
  'gateway-key': 'gateway.key is there, closed to others, and of the profile of gateway.toml',
  directory: 'the directory database is whole and of this version',
  'own-certificate': 'tls_cert and tls_key fit each other and the domains, and are good for two more weeks',
  'server-port': 'the client port of the server behind the gateway cannot be reached from other machines',
} as const satisfies Record<string, string>;

/** Stable name of a check; scripts may rely on it. */
export type CheckName = keyof typeof checkTable;

/** Fine; worth knowing; will trouble somebody; does not work. Only problems make `simpp doctor` end with 1. */
export type Verdict = 'ok' | 'note' | 'warning' | 'problem';

/** One thing that was found. */
export interface Finding {
  readonly check: CheckName;
  readonly verdict: Verdict;
  readonly text: string;
  /** A command, or the line of a file, that mends it. */
  readonly mend?: string;
}

/** The findings of one check. */
export interface Findings {
  ok(text: string): Finding;
  note(text: string, mend?: string): Finding;
  warning(text: string, mend: string): Finding;
  problem(text: string, mend: string): Finding;
}

/** Makes the findings of a check. */
export function findings(check: CheckName): Findings {
  const make =
    (verdict: Verdict) =>
    (text: string, mend?: string): Finding => ({ check, verdict, text, ...(mend === undefined ? {} : { mend }) });
  return { ok: make('ok'), note: make('note'), warning: make('warning'), problem: make('problem') };
}

/** A word that a POSIX shell takes as it is. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
