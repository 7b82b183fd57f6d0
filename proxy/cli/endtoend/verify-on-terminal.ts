// Verification by six digits, with a person at a terminal: waits for the other
// side, shows the digits for them, asks for theirs.
import * as prompts from '@clack/prompts';
import { setTimeout as delay } from 'node:timers/promises';
import { SimppError } from '../../../shared/errors.ts';
import { showVerification, startVerification, typeVerification } from '../../control/end-to-end-methods.ts';
import type { Terminal } from '../passphrase-prompt.ts';
import type { RemoteDesk } from './remote-desk.ts';
import { isEnded, verificationText } from './verification-text.ts';

const askEveryMs = 1000;

/** Until the contact is verified; throws SimppError: `undecided` when it failed, `cancelled` when the person stops. */
export async function verifyOnTerminal(
  desk: RemoteDesk,
  jid: string,
  terminal: Terminal,
  everyMs = askEveryMs,
): Promise<void> {
  let facts = await desk.call(startVerification, { jid });
  if (facts.state === 'asked') {
    const lines = [`${jid} has been asked. Call them, or meet them: they verify you in the same way.`];
    prompts.log.step([...lines, 'Waiting for their answer; Ctrl-C stops waiting.'].join('\n'), terminal);
  }
  while (facts.state === 'asked') {
    await delay(everyMs);
    facts = await desk.call(showVerification, { jid });
  }
  if (facts.state === 'comparing') {
    prompts.log.step(`Tell ${jid} these six digits, by voice:  ${spaced(facts.ours ?? '')}`, terminal);
  }
  while (facts.state === 'comparing') {
    facts = await desk.call(typeVerification, { jid, typed: await askDigits(jid, terminal) });
    if (facts.state === 'comparing') {
      prompts.log.warn(`That is not what ${jid} sees. Tries left: ${facts.attemptsLeft ?? 0}.`, terminal);
    }
  }
  if (isEnded(facts)) throw new SimppError('undecided', verificationText(facts));
  prompts.log.success(verificationText(facts), terminal);
}

async function askDigits(jid: string, terminal: Terminal): Promise<string> {
  const typed = await prompts.text({
    message: `Which six digits does ${jid} see?`,
    placeholder: '123 456',
    validate: (text) => (/^\d{6}$/.test(plain(text ?? '')) ? undefined : 'Six digits, please.'),
    ...terminal,
  });
  if (prompts.isCancel(typed)) throw new SimppError('cancelled', 'Cancelled; nothing was verified.');
  return plain(typed);
}

const plain = (text: string): string => text.replaceAll(/\s/g, '');

/** In two breaths. */
const spaced = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`;
