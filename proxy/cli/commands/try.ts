import type { Command } from 'commander';
import { defineCommand, endpointOption } from '../command.ts';

/** `simpp try`. */
export function tryCommand(): Command {
  return defineCommand('try', {
    summary: 'a whole world on this machine, to look at',
    description:
      'Starts an XMPP server with two accounts on loopback, a gateway before it and a proxy, says what to type into ' +
      'Pidgin, Gajim or Profanity, and shows side by side what people say and what passes on the wire.',
    examples: ['simpp try', 'simpp try --server 127.0.0.1:5223', 'simpp try --json --once'],
    exitCodes: { 69: 'no XMPP server is installed, or it cannot be reached' },
  })
    .addOption(endpointOption('--server <host:port>', 'use this XMPP server instead of starting Prosody'))
    .option('--domain <domain>', 'the domain of the world, or of the server (default: example.test)')
    .option('--install', 'install what is missing without asking')
    .option('--once', 'let two scripted clients talk, say what was seen on the wire, and end')
    .action(async (flags) => {
      const { runTry } = await import('../../try/main.ts');
      await runTry(flags);
    });
}
