// What a person types into the XMPP client, in words.

import { parseEndpoint } from '../endpoint.ts';
import type { SetupName } from '../options.ts';

/** The lines to show after a set-up, for a client on the proxy's listener. */
export function clientAdvice(name: SetupName, listen: readonly string[]): string[] {
  const endpoint = parseEndpoint(listen[0] ?? '');
  const account = name.kind === 'jid' ? name.jid : `anyone@${name.domain}`;
  const port = endpoint === undefined || endpoint.port === 0 ? 'the port that "simpp status" shows' : endpoint.port;
  return [
    'In your XMPP client:',
    `  account      ${account}, with its usual password`,
    `  server       ${endpoint?.host ?? '127.0.0.1'} (often called "connect server" or "custom host")`,
    `  port         ${port}`,
    '  encryption   none or optional: this connection does not leave your machine',
    'A client that refuses that, like Dino: see "simpp cert --help".',
  ];
}

/** The warning that goes with every use of the paper's profile. */
export const classicWarning =
  'WARNING: the profile "classic" reproduces the published paper, whose protocol is broken: see docs/threat-model.md. Never protect anything with it.';
