// Talking to SIMPP itself, in a slixmpp (transparency.md §5.8).
import { eventually } from './eventually.ts';
import type { ReceivedMessage, SlixmppClient } from './slixmpp.ts';

export const contactJid = 'simpp.invalid';

/** Its next words that fit. */
export function told(client: SlixmppClient, wanted: RegExp, timeoutMs?: number): Promise<ReceivedMessage> {
  return client.events.take(
    (event): event is ReceivedMessage =>
      event.event === 'message' && event['from'] === contactJid && wanted.test(String(event['body'])),
    `${String(wanted)} at ${client.jid}`,
    timeoutMs,
  );
}

/** Gives a command and waits for an answer that fits. */
export async function ask(client: SlixmppClient, command: string, wanted: RegExp): Promise<string> {
  client.say(contactJid, command);
  return (await told(client, wanted)).body;
}

/** Waits until the keys of somebody are published and found: what is written before may go in clear, or not at all. */
export async function untilFound(client: SlixmppClient, jid: string): Promise<void> {
  const about = new RegExp(`^(No key of|Fingerprint of) ${jid}`);
  await eventually(`keys of ${jid}`, async () =>
    /^Fingerprint of[^]*[1-9]\d* device/.test(await ask(client, `fingerprint ${jid}`, about)),
  );
}
