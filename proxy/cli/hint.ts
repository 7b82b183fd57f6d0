// What a person can do about an error, on a line of its own below it.

import { SimppError, type ErrorCode } from '../../shared/errors.ts';

/** An error of a command, with what to do about it. */
export class HintedError extends SimppError {
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = 'HintedError';
    this.hint = hint;
  }
}

const hints: { readonly [code in ErrorCode]?: string } = {
  'config-invalid': 'Mend what is named above and run the command again.',
  'config-missing': 'Set up an account with "simpp setup", or a gateway with "simpp gateway init".',
  'invite-invalid': 'The invite is the line that "simpp gateway init" printed; copy all of it, in quotes.',
  'jid-invalid': 'An address looks like alice@example.org, a domain like example.org.',
  'port-taken': 'Stop the program that uses it, or choose another address in proxy.toml or gateway.toml.',
  'already-running': '"simpp status" shows it; SIMPP_HOME chooses another folder.',
  'not-running': 'Start it with "simpp proxy" or "simpp gateway run"; SIMPP_HOME chooses another folder.',
  'storage-failed': 'Look at the disk space and at the permissions of the folder.',
  internal: 'This is a bug in simpp; please report it with the lines above.',
};

/** The hint for an error, when there is one. */
export function hintOf(error: SimppError): string | undefined {
  return error instanceof HintedError ? error.hint : hints[error.code];
}
