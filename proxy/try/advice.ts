// What to type into a client to take part in the try-out world.
import type { World } from './world.ts';

/** The text, ready to print. */
export function advice(world: World): string {
  const { domain, ports, accounts } = world;
  const port = ports.proxy;
  const people = accounts.map(({ name, password }) => `  ${`${name}@${domain}`.padEnd(28)} password  ${password}`);
  const [first] = accounts;
  const jid = `${first?.name}@${domain}`;
  return `
Two accounts:

${people.join('\n')}

Use any XMPP client, twice. The server is 127.0.0.1, port ${port}, without TLS (it never leaves this machine):

  Pidgin      Accounts › Add: XMPP, username ${first?.name}, domain ${domain}
              Advanced: connection security "Use encryption if available",
              "Allow plaintext auth over unencrypted streams", connect port ${port}, connect server 127.0.0.1
  Gajim       Accounts › Add › Log in: ${jid}, then Advanced Settings:
              hostname 127.0.0.1, port ${port}, type PLAIN
  Profanity   /connect ${jid} server 127.0.0.1 port ${port} tls disable

Ctrl-C ends the world and leaves nothing behind.
`;
}
