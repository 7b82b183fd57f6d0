// What all sessions of a proxy share.
import type { ScannerLimits } from '../../shared/xml/scanner.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import type { Setup } from '../options.ts';
import type { DialDeps } from '../server/dial.ts';
import type { SetupTable } from '../setup-table.ts';
import type { RunErrand } from '../stages/errand.ts';
import type { Hibernated } from '../stages/hibernated.ts';
import type { Translation } from '../stages/translation.ts';
import type { Counting } from '../tally.ts';
import type { Hibernation } from './hibernation.ts';
import type { LastLogins } from './last-logins.ts';
import type { LoginKeys } from './login-keys.ts';
import type { Passwords } from './passwords.ts';
import type { Timing } from './timing.ts';

/** A stream for whose person there is to be an engine. */
export interface EngineStream {
  readonly setup: Setup;
  /** The channel of the moment, where the set-up leads through a gateway; another one after a resumption. */
  readonly channel: ChannelSocket | undefined;
  /** How ids of the engine's own requests on it begin. */
  readonly ownIdPrefix: string;
}

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
  readonly hibernation: Hibernation<Hibernated>;
  /** What the end-to-end stages of their streams have left. */
  readonly translations: Hibernation<Translation>;
  /** How ids of end-to-end engines' own requests begin: unguessable, and the same for all streams of this process. */
  readonly ownIdPrefix: string;
  /** The end-to-end engine for a stream of a set-up that wants it; absent where there is none. */
  readonly endToEnd?: ((stream: EngineStream) => RunErrand) | undefined;
  readonly dialling: Omit<DialDeps, 'log' | 'signal'>;
  /** A fresh, unguessable stream id. */
  readonly newId: () => string;
}
