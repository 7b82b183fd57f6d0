// `simpp recovery`: the twelve words that make a new device one's own. They
// come from a prompt or a file, never from the command line, where other
// processes can read.
import { SimppError } from '../../../shared/errors.ts';
import { forgetRecovery, recover, recoveryPhrase } from '../../control/end-to-end-methods.ts';
import { HintedError } from '../hint.ts';
import { processOutput } from '../output.ts';
import { readSecretFile } from '../password-file.ts';
import { canAsk, type Terminal } from '../passphrase-prompt.ts';
import { confirm, confirmOrYes, isAtTerminal } from './confirm.ts';
import { atDesk, type DeskFlags } from './remote-desk.ts';

/** Runs `simpp recovery show`. */
export async function showRecovery(flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    if (isAtTerminal(output)) {
      output.say('Whoever has these words can add devices to your account, and read what you are sent from then on.');
      await confirm('Is nobody else looking?', { input: process.stdin, output: process.stdout });
    }
    const { phrase } = await desk.call(recoveryPhrase);
    if (phrase === undefined) {
      throw new HintedError(
        'key-missing',
        `The recovery phrase of ${desk.account} is not on this machine.`,
        'It is kept by the device that made it, until "simpp recovery forget".',
      );
    }
    output.result({ account: desk.account, phrase });
    output.say(`\n  ${inFours(phrase)}\n`);
    output.say('Write them down, in this order, and keep them away from this machine.');
  });
}

/** The command line of `enter`. */
export interface EnterFlags extends DeskFlags {
  readonly phraseFile?: string;
}

/** Runs `simpp recovery enter`. */
export async function enterRecovery(flags: EnterFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const { phraseFile } = flags;
  if (phraseFile === undefined && (output.json || !canAsk())) {
    throw new SimppError('usage', 'Give the twelve words with --phrase-file FILE (- reads stdin).');
  }
  const given = phraseFile === undefined ? undefined : readSecretFile(phraseFile, 'phrase');
  await atDesk(flags, async (desk) => {
    const phrase = given ?? (await askPhrase(desk.account, { input: process.stdin, output: process.stderr }));
    const { deviceState, device } = await desk.call(recover, { phrase });
    output.result({ account: desk.account, deviceState, ...(device === undefined ? {} : { device }) });
    output.say(`This device is one of ${desk.account} now.`);
  });
}

/** Asks for the words; says at once when they cannot be right. Throws SimppError('cancelled'). */
export async function askPhrase(account: string, terminal: Terminal): Promise<string> {
  const [prompts, { recoveryDerivation }] = await Promise.all([
    import('@clack/prompts'),
    // The word list takes a while to load.
    import('../../../shared/simpp/recovery.ts'),
  ]);
  const answer = await prompts.password({
    message: `The twelve words of ${account}, with spaces between them?`,
    validate: (text) => {
      try {
        recoveryDerivation(text ?? '', account);
        return undefined;
      } catch (error) {
        return error instanceof SimppError ? error.message : 'These words cannot be read.';
      }
    },
    ...terminal,
  });
  if (prompts.isCancel(answer)) throw new SimppError('cancelled');
  return answer;
}

/** The command line of `forget`. */
export interface ForgetFlags extends DeskFlags {
  readonly yes?: boolean;
}

/** Runs `simpp recovery forget`. */
export async function forget(flags: ForgetFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    if (isAtTerminal(output) && flags.yes !== true) {
      output.say(`This erases the words of ${desk.account} and the account key from this machine.`);
      output.say('Approving or removing a device then needs the words. Without them it is impossible for ever.');
    }
    await confirmOrYes('Are the words written down, and shall they be erased here?', flags.yes === true, output);
    await desk.call(forgetRecovery);
    output.result({ account: desk.account, forgotten: true });
    output.say(`The recovery phrase of ${desk.account} is erased from this machine.`);
  });
}

/** Four words a line: what is written down in order. */
function inFours(phrase: string): string {
  const words = phrase.split(' ');
  const lines: string[] = [];
  for (let at = 0; at < words.length; at += 4) lines.push(words.slice(at, at + 4).join(' '));
  return lines.join('\n  ');
}
