// `simpp history`: what the proxy keeps of what it has opened.
import { InvalidArgumentError } from 'commander';
import { deskStatus, searchHistory, setAnnotate, setRetention } from '../../control/end-to-end-methods.ts';
import type { Annotate, HistoryFacts } from '../../endtoend/desk.ts';
import { dayAndTime, oneLine } from '../../endtoend/contact/layout.ts';
import { english } from '../../endtoend/contact/words/english.ts';
import { printable } from '../../log.ts';
import { processOutput } from '../output.ts';
import { atDesk, readJid, type DeskFlags } from './remote-desk.ts';

/** The command line of `search`. */
export interface SearchFlags extends DeskFlags {
  readonly contact?: string;
  readonly limit?: number;
}

const defaultLimit = 50;

/** Runs `simpp history search`. */
export async function search(text: string, flags: SearchFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const contact = flags.contact === undefined ? {} : { contact: readJid(flags.contact) };
  await atDesk(flags, async (desk) => {
    const limit = flags.limit ?? defaultLimit;
    const { messages } = await desk.call(searchHistory, { text, limit, ...contact });
    output.result({ account: desk.account, messages });
    if (messages.length === 0) output.say(english.nothingFound(text));
    for (const message of messages) output.say(messageLine(message));
    if (messages.length === limit) output.say(`More than ${limit} may be there: --limit N shows more.`);
  });
}

function messageLine({ at, contact, isOwn, text, state }: HistoryFacts): string {
  const who = isOwn ? `${english.me} → ${contact}` : contact;
  return `${dayAndTime(at)} UTC  ${who}: ${printable(oneLine(text, 200))}${english.messageState[state]}`;
}

/** How long is kept: for ever, not at all, or for days. */
export type Retention = 'keep' | 'none' | number;

/** Reads `all`, `none` or a number of days. */
export function readRetention(text: string): Retention {
  if (text === 'all') return 'keep';
  if (text === 'none') return 'none';
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 36_500) return days;
  throw new InvalidArgumentError('Expected all, none, or a number of days from 1 to 36500.');
}

/** Runs `simpp history keep`. */
export async function keep(retention: Retention | undefined, flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    if (retention !== undefined) await desk.call(setRetention, { retention });
    const kept = (await desk.call(deskStatus)).retention;
    output.result({ account: desk.account, keep: kept === 'keep' ? 'all' : kept });
    const words = english.retention(kept === 'keep' || kept === 'none' ? kept : Number.parseInt(kept, 10));
    output.say(`${desk.account} keeps ${words} on this machine.`);
    if (retention !== undefined && retention !== 'keep') output.say('What was kept for longer is erased.');
  });
}

/** Runs `simpp history annotate`. */
export async function annotate(wanted: Annotate | undefined, flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    if (wanted !== undefined) await desk.call(setAnnotate, { annotate: wanted });
    const current = wanted ?? (await desk.call(deskStatus)).annotate;
    output.result({ account: desk.account, annotate: current });
    output.say(`A mark in their text get: ${english.annotate[current]} (${current}).`);
  });
}
