// `simpp outbox`: what could not be sent.
import { SimppError } from '../../../shared/errors.ts';
import { discardOutbox, listOutbox, resendOutbox } from '../../control/end-to-end-methods.ts';
import { dayAndTime, oneLine } from '../../endtoend/contact/layout.ts';
import { english } from '../../endtoend/contact/words/english.ts';
import { printable } from '../../log.ts';
import { processOutput } from '../output.ts';
import { atDesk, type DeskFlags } from './remote-desk.ts';

/** The command line of `resend` and `discard`. */
export interface OutboxFlags extends DeskFlags {
  readonly all?: boolean;
}

/** Runs `simpp outbox list`. */
export async function showOutbox(flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    const { messages } = await desk.call(listOutbox);
    output.result({ account: desk.account, messages });
    if (messages.length === 0) {
      output.say(english.outboxEmpty);
      return;
    }
    for (const { number, at, to, text, reason } of messages) {
      output.say(english.unsentLine(number, dayAndTime(at), to, printable(oneLine(text)), printable(reason)));
    }
    output.say('\nTo send again:   simpp outbox resend NUMBER, or --all');
    output.say('To throw away:   simpp outbox discard NUMBER, or --all');
  });
}

/** Runs `simpp outbox resend`. */
export async function resend(number: number | undefined, flags: OutboxFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const which = oneOrAll(number, flags);
  await atDesk(flags, async (desk) => {
    const { sent } = await desk.call(resendOutbox, which);
    output.result({ account: desk.account, sent });
    output.say(sent === 0 ? 'Nothing went out; "simpp outbox" says why.' : english.resent(sent));
  });
}

/** Runs `simpp outbox discard`. */
export async function discard(number: number | undefined, flags: OutboxFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const which = oneOrAll(number, flags);
  await atDesk(flags, async (desk) => {
    const { discarded } = await desk.call(discardOutbox, which);
    output.result({ account: desk.account, discarded });
    output.say(english.discarded(discarded));
  });
}

function oneOrAll(number: number | undefined, { all = false }: OutboxFlags): { number?: number } {
  if (all === (number !== undefined)) {
    throw new SimppError('usage', 'Give the number of one message, as "simpp outbox" shows it, or --all.');
  }
  return number === undefined ? {} : { number };
}
