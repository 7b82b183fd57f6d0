import type { Command } from 'commander';
import { deskCommand } from './desk-command.ts';

/** `simpp verify`. */
export function verifyCommand(): Command {
  return deskCommand('verify', {
    summary: "make sure that a contact's key is really theirs",
    description:
      'There are three ways. With the 60 digits that they read to you, or what a scanner read from their QR code: it is ' +
      'compared with the key that is known; the word "same" says that you have compared the digits yourself. Without ' +
      'digits: both of you see six digits and type those of the other one; on a terminal this asks, elsewhere each call ' +
      'is one step. With --qr: shows your own code for them to scan.',
    examples: [
      'simpp verify bob@example.org',
      'simpp verify bob@example.org 98765 43210 …',
      "simpp verify bob@example.org 'simpp-verify:bob@example.org?fp=…'",
      'simpp verify bob@example.org --qr',
      'simpp verify bob@example.org 123456 --json',
    ],
    exitCodes: { 77: 'it is another key, or the verification failed', 130: 'cancelled' },
  })
    .argument('<contact>', 'their address')
    .argument('[digits...]', '60 digits, six digits, what a scanner read, or "same" (default: begins with six digits)')
    .option('--qr', 'show your own QR code')
    .action(async (contact: string, digits: readonly string[], flags) => {
      const { verify } = await import('../endtoend/verify.ts');
      await verify(contact, digits, flags);
    });
}
