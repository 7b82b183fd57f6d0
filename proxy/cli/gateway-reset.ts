// `simpp gateway reset`: the operator releases a JID whose account key is lost.

import { existsSync } from 'node:fs';
import { SimppError } from '../../shared/errors.ts';
import { normalJid } from '../address.ts';
import { findHome, type Home } from '../config/home.ts';
import { connectControl } from '../control/client.ts';
import { resetJid } from '../control/gateway-methods.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { resetAccount, type ResetChoice, type ResetOutcome } from '../gateway/reset.ts';
import { HintedError } from './hint.ts';
import { processOutput } from './output.ts';

/** The command line of `simpp gateway reset`. */
export interface GatewayResetFlags {
  readonly now?: boolean;
  readonly cancel?: boolean;
  readonly json?: boolean;
}

/** Runs the command; through the running gateway, or on its database where none runs. */
export async function resetAtGateway(address: string, flags: GatewayResetFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const jid = normalJid(address);
  if (jid === undefined) {
    throw new SimppError('jid-invalid', `${address} is not the address of an account, like alice@example.org.`);
  }
  const choice = flags.cancel === true ? 'cancel' : flags.now === true ? 'now' : 'wait';
  const outcome = await reset(findHome(), jid, choice);
  if (outcome.kind === 'unknown') {
    throw new HintedError(
      'config-missing',
      `The directory has no keys of ${jid}.`,
      'Nothing has to be released: the next login takes the address.',
    );
  }
  for (const line of linesOf(jid, choice, outcome)) output.say(line);
  output.result({ jid, ...outcome, ...datesOf(outcome) });
}

async function reset(home: Home, jid: string, choice: ResetChoice): Promise<ResetOutcome> {
  const client = await connectControl(controlSocketPath(home, 'gateway'));
  if (client !== undefined) {
    try {
      return await client.call(resetJid, { jid, choice });
    } finally {
      client.close();
    }
  }
  // Opening it would make one.
  if (!existsSync(home.gatewayDatabase)) {
    throw new HintedError(
      'config-missing',
      `There is no ${home.gatewayDatabase}.`,
      'SIMPP_HOME chooses another folder.',
    );
  }
  const { openSqliteDirectory } = await import('../gateway/directory/sqlite-directory.ts');
  const directory = await openSqliteDirectory(home.gatewayDatabase);
  try {
    return await resetAccount(directory, jid, choice, Math.floor(Date.now() / 1000));
  } finally {
    await directory.close();
  }
}

function linesOf(jid: string, choice: ResetChoice, outcome: Exclude<ResetOutcome, { kind: 'unknown' }>): string[] {
  if (outcome.kind === 'cancelled') {
    return [outcome.had ? `${jid} keeps its account key.` : `${jid} was not released; nothing has changed.`];
  }
  const contacts = 'Its contacts are asked to compare the new key before they send anything.';
  const until = `Unused, this ends on ${dayAndTime(outcome.expiresAt)}; "simpp gateway reset ${jid} --cancel" ends it now.`;
  if (choice === 'now') {
    return [
      `The next login of ${jid} with a new account key takes the address.`,
      'The devices that it has now then wait for approval like new ones.',
      contacts,
      until,
    ];
  }
  return [
    `From ${dayAndTime(outcome.dueAt)} on, the next login of ${jid} with a new account key takes the address.`,
    'A device that the account has now and that connects before ends this.',
    contacts,
    until,
  ];
}

function datesOf(outcome: ResetOutcome): Readonly<Record<string, string>> {
  if (outcome.kind !== 'allowed') return {};
  return { dueAt: isoTime(outcome.dueAt), expiresAt: isoTime(outcome.expiresAt) };
}

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** In UTC, to the minute. */
const dayAndTime = (seconds: number): string => `${isoTime(seconds).slice(0, 16).replace('T', ' ')} UTC`;
