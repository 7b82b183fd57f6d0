// What a person has set for an account. It is sealed like the secrets: whoever
// can write the file must not be able to turn encryption off.
import { SimppError } from '../../../shared/errors.ts';
import { annotations, policies, type Annotate, type Policy } from '../../endtoend/desk.ts';
import { text } from '../row.ts';
import type { AccountRows } from './account-rows.ts';
import { oneOf } from './one-of.ts';

export const trustPolicies = ['blind', 'manual'] as const;

/** How long the archive keeps a message: for good, a number of days, or not beyond this run and never on disk. */
export type Retention = 'keep' | 'none' | number;

export interface SettingValues {
  readonly policy: Policy;
  readonly annotate: Annotate;
  readonly trustPolicy: (typeof trustPolicies)[number];
  readonly retention: Retention;
  /** Whether the person has seen the recovery phrase. */
  readonly recoveryShown: boolean;
  /** The state epoch (docs/protocol.md §9.8). */
  readonly epoch: number;
  /** Names of this device's certificates, the newest first: hexadecimal, separated by spaces (§9.2). */
  readonly certificates: string;
}

export const settingNames = [
  'policy',
  'annotate',
  'trustPolicy',
  'retention',
  'recoveryShown',
  'epoch',
] as const satisfies readonly (keyof SettingValues)[];

const maxRetentionDays = 36_500;

/** From the disk, where all are words. */
export const parsers: { readonly [Name in keyof SettingValues]: (stored: string) => SettingValues[Name] } = {
  policy: (stored) => oneOf(policies, stored),
  annotate: (stored) => oneOf(annotations, stored),
  trustPolicy: (stored) => oneOf(trustPolicies, stored),
  retention: (stored) => (stored === 'keep' || stored === 'none' ? stored : Number(stored)),
  recoveryShown: (stored) => stored === 'true',
  epoch: Number,
  certificates: String,
};

export class Settings {
  readonly #rows: AccountRows;
  /** Read for every message; forgotten when a group is lost. */
  readonly #known = new Map<string, string | undefined>();

  constructor(rows: AccountRows) {
    this.#rows = rows;
  }

  /** Undefined where nothing was set. */
  get<Name extends keyof SettingValues>(name: Name): SettingValues[Name] | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#read(name));
    const stored = this.#known.get(name);
    return stored === undefined ? undefined : parsers[name](stored);
  }

  /** Undefined: back to what holds without. */
  put<Name extends keyof SettingValues>(name: Name, value: SettingValues[Name] | undefined): void {
    if (name === 'retention' && typeof value === 'number' && !isDays(value)) {
      throw new SimppError(
        'usage',
        `The archive keeps messages for 1 to ${maxRetentionDays} whole days, "keep" or "none".`,
      );
    }
    if (value === undefined) {
      this.#rows.run('DELETE FROM settings WHERE account = ? AND name = ?', this.#rows.id, name);
    } else {
      this.#rows.run(
        `INSERT INTO settings (account, name, sealed) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
        this.#rows.id,
        name,
        this.#rows.seal('settings', [name], { value: String(value) }),
      );
    }
    this.#known.set(name, value === undefined ? undefined : String(value));
  }

  /** What was put last may not have come to the disk. */
  forget(): void {
    this.#known.clear();
  }

  #read(name: string): string | undefined {
    const sql = 'SELECT sealed FROM settings WHERE account = ? AND name = ?';
    const row = this.#rows.get(sql, this.#rows.id, name);
    return row && text(this.#rows.open('settings', [name], row), 'value');
  }
}

const isDays = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= maxRetentionDays;
