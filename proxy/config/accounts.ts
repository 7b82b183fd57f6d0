// The folder of set-ups: accounts/<JID or domain>.toml.

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SimppError } from '../../shared/errors.ts';
import { setupName, type Setup, type SetupName } from '../options.ts';
import { accountSchema, toSetup, type AccountFile } from './account-schema.ts';
import { annotateToml } from './annotate.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { readConfigFile } from './read.ts';
import { writeFileAtomically } from './write.ts';

const extension = '.toml';
const maxNameLength = 200;

/** A set-up and the file that describes it. */
export interface SetupFile {
  readonly file: string;
  readonly setup: Setup;
}

/** All set-ups, in the order of their file names; throws ConfigError with the problems of all files. */
export function readSetups(accountsDir: string): SetupFile[] {
  const problems: ConfigProblem[] = [];
  const setups = new Map<string, SetupFile>();
  for (const name of listFiles(accountsDir)) {
    const file = join(accountsDir, name);
    try {
      const config = readConfigFile(file, accountSchema);
      if (config === undefined) continue;
      const setup = toSetup(config, file);
      const other = setups.get(setupName(setup));
      if (other === undefined) setups.set(setupName(setup), { file, setup });
      else problems.push({ file, text: `${setupName(setup)} is set up in ${other.file} already` });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return [...setups.values()];
}

/** Writes a set-up's file. */
export function writeSetup(file: string, values: AccountFile): void {
  const who = values.jid ?? values.domain;
  const heading = `A set-up of the SIMPP proxy, written by "simpp setup ${who}", which replaces this file when it is run again.`;
  writeFileAtomically(file, annotateToml(accountSchema, values, heading));
}

/** The file of a set-up: its name, with all but plain characters percent-encoded so that every file system takes it. */
export function setupFile(accountsDir: string, name: SetupName): string {
  const encoded = setupName(name).replace(/[^a-z0-9@._-]|^\./gu, percentEncode);
  const isLong = encoded.length > maxNameLength;
  const hash = isLong ? createHash('sha256').update(setupName(name)).digest('hex').slice(0, 32) : '';
  return join(accountsDir, (isLong ? `${encoded.slice(0, 100)}~${hash}` : encoded) + extension);
}

function percentEncode(character: string): string {
  return Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(extension) && !name.startsWith('.'))
      .toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new SimppError('config-invalid', `The folder ${dir} cannot be read.`, { cause: error });
  }
}
