// `simpp verify`: by digits that were compared, by a QR code, or by six digits
// that both sides type (docs/protocol.md §9.6).
import { SimppError } from '../../../shared/errors.ts';
import {
  deskStatus,
  showContact,
  startVerification,
  typeVerification,
  verifyContact,
} from '../../control/end-to-end-methods.ts';
import { isVerifyUri } from '../../endtoend/verify-uri.ts';
import { processOutput, type Output } from '../output.ts';
import { isAtTerminal } from './confirm.ts';
import { contactDetail } from './contact-text.ts';
import { atDesk, readJid, type DeskFlags, type RemoteDesk } from './remote-desk.ts';
import { isEnded, verificationText } from './verification-text.ts';

/** The command line of `simpp verify`. */
export interface VerifyFlags extends DeskFlags {
  readonly qr?: boolean;
}

/** What a person brings: nothing, a word, six digits, or all of a fingerprint. */
type Brought =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'same' }
  | { readonly kind: 'six'; readonly digits: string }
  | { readonly kind: 'fingerprint'; readonly text: string };

/** Runs the command. */
export async function verify(contact: string, words: readonly string[], flags: VerifyFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const jid = readJid(contact);
  const brought = readBrought(words);
  await atDesk(flags, async (desk) => {
    if (flags.qr === true) {
      await showQr(desk, jid, output);
      return;
    }
    switch (brought.kind) {
      case 'nothing':
        await begin(desk, jid, output);
        return;
      case 'six':
        sayVerification(desk, await desk.call(typeVerification, { jid, typed: brought.digits }), output);
        return;
      case 'same':
      case 'fingerprint': {
        const fingerprint = brought.kind === 'same' ? {} : { fingerprint: brought.text };
        const facts = await desk.call(verifyContact, { jid, ...fingerprint });
        output.result({ account: desk.account, ...facts });
        output.say(`${jid} is verified. If the key changes, nothing is sent before you decide.`);
      }
    }
  });
}

function readBrought(words: readonly string[]): Brought {
  const text = words.join(' ').trim();
  if (text === '') return { kind: 'nothing' };
  if (text.toLowerCase() === 'same') return { kind: 'same' };
  if (isVerifyUri(text)) return { kind: 'fingerprint', text };
  const digits = text.replace(/[\s-]/g, '');
  if (/^\d{6}$/.test(digits)) return { kind: 'six', digits };
  if (/^\d{60}$/.test(digits)) return { kind: 'fingerprint', text: digits };
  throw new SimppError(
    'usage',
    'Give the 60 digits of their fingerprint, the six that they see, what a scanner read from their QR code, or "same".',
  );
}

async function begin(desk: RemoteDesk, jid: string, output: Output): Promise<void> {
  if (isAtTerminal(output)) {
    const { verifyOnTerminal } = await import('./verify-on-terminal.ts');
    for (const line of contactDetail(await desk.call(showContact, { jid }), Date.now())) output.say(line);
    await verifyOnTerminal(desk, jid, { input: process.stdin, output: process.stdout });
    return;
  }
  sayVerification(desk, await desk.call(startVerification, { jid }), output);
}

function sayVerification(
  desk: RemoteDesk,
  facts: Parameters<typeof verificationText>[0] & { readonly contact: string },
  output: Output,
): void {
  if (isEnded(facts)) throw new SimppError('undecided', verificationText(facts));
  output.result({ account: desk.account, ...facts });
  output.say(verificationText(facts));
}

/** One's own code, for the other side to scan. */
async function showQr(desk: RemoteDesk, jid: string, output: Output): Promise<void> {
  const { verifyUri } = await desk.call(deskStatus);
  if (verifyUri === undefined) throw new SimppError('key-missing', `${desk.account} has no keys here yet.`);
  output.result({ account: desk.account, uri: verifyUri });
  if (output.json) return;
  const { toString } = await import('qrcode');
  output.say(await toString(verifyUri, { type: 'terminal', small: true, errorCorrectionLevel: 'L' }));
  output.say(`This is the key of ${desk.account}, for ${jid} to scan:\n  ${verifyUri}\n`);
  output.say(`What your scanner reads from theirs:\n  simpp verify ${jid} 'simpp-verify:…'`);
}
