// What all sessions of a proxy share.
import type { ScannerLimits } from '../../shared/xml/scanner.ts';
import type { DialDeps } from '../server/dial.ts';
import type { SetupTable } from '../setup-table.ts';
import type { Counting } from '../tally.ts';
import type { Hibernation } from './hibernation.ts';
import type { LastLogins } from './last-logins.ts';
import type { LoginKeys } from './login-keys.ts';
import type { Passwords } from './passwords.ts';
import type { Timing } from './timing.ts';

export interface SessionContext {
  /** The set-ups of the moment. */
  readonly setups: () => SetupTable;
  readonly passwords: Passwords;
  readonly loginKeys: LoginKeys;
  /** For what clients send. */
  readonly limits: ScannerLimits;
  readonly timing: Timing;
  readonly tally: Counting;
  /** Whose logins are remembered. */
  readonly lastLogins: LastLogins;
  /** Sessions that their clients may resume. */
  readonly hibernation: Hibernation;
  readonly dialling: Omit<DialDeps, 'log' | 'signal'>;
  /** A fresh, unguessable stream id. */
  readonly newId: () => string;
}
