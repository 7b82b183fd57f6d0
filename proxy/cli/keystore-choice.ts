// Which kind of keystore a new installation gets: by --keystore, by the
// environment, or by asking. One that exists keeps its kind.

import * as prompts from '@clack/prompts';
import { SimppError } from '../../shared/errors.ts';
import type { Home } from '../config/home.ts';
import type { KeystoreKind } from '../keystore/header.ts';
import { keystoreKind } from '../keystore/keystore.ts';
import { hasKeyring } from './keystore.ts';
import { askPassphrase, type Terminal } from './passphrase-prompt.ts';

/** How a keystore that does not exist yet is made. */
export interface KeystorePlan {
  readonly kind: KeystoreKind;
  /** When it was asked for already. */
  readonly passphrase?: string;
}

/** What --keystore asks for; throws SimppError('usage') when there is one of another kind. */
export function planKeystore(home: Home, kind: KeystoreKind | undefined): KeystorePlan | undefined {
  const existing = keystoreKind(home.keystoreDir);
  if (existing === undefined) return kind && { kind };
  if (kind === undefined || kind === existing) return undefined;
  throw new SimppError('usage', `The keystore in ${home.keystoreDir} is of the kind "${existing}" and stays so.`);
}

/** Asks, when there is something to choose. */
export async function askKeystore(
  home: Home,
  kind: KeystoreKind | undefined,
  terminal: Terminal,
): Promise<KeystorePlan | undefined> {
  const planned = planKeystore(home, kind);
  const isDecided = process.env['SIMPP_KEYSTORE'] || process.env['SIMPP_PASSPHRASE_FILE'];
  if (isDecided || keystoreKind(home.keystoreDir) !== undefined) return planned;
  const chosen = planned?.kind ?? (await askKind(await hasKeyring(), terminal));
  return chosen === 'passphrase' ? { kind: chosen, passphrase: await askPassphrase(true, terminal) } : { kind: chosen };
}

async function askKind(withKeyring: boolean, terminal: Terminal): Promise<KeystoreKind> {
  const keyring = {
    value: 'keyring' as const,
    label: "The system's keyring",
    hint: 'opens with your session',
  };
  if (!withKeyring) prompts.log.info('This session has no keyring.', terminal);
  const kind = await prompts.select<KeystoreKind>({
    message: 'What shall open the passwords and keys on this machine?',
    options: [
      ...(withKeyring ? [keyring] : []),
      { value: 'file', label: 'A key file', hint: 'only you can read it; whoever copies the whole folder has all' },
      { value: 'passphrase', label: 'A passphrase', hint: 'asked each time the proxy starts' },
    ],
    ...terminal,
  });
  if (prompts.isCancel(kind)) throw new SimppError('cancelled');
  return kind;
}
