import type { Command } from 'commander';
import { defineCommand, type CommandHelp } from '../command.ts';

const deskExitCodes = {
  65: 'an address cannot be read',
  69: 'no proxy runs in this folder',
  78: 'the account has no end-to-end encryption here',
};

/** A command about the end-to-end encryption of one account, which the running proxy answers. */
export function deskCommand(name: string, help: CommandHelp): Command {
  return defineCommand(name, { ...help, exitCodes: { ...deskExitCodes, ...help.exitCodes } }).option(
    '--account <jid>',
    'whose (default: the only account that has it)',
  );
}
