// Logs an @xmpp/client in so that it can be relied on: the library counts
// stanzas wrongly when one arrives together with <enabled/> (XEP-0198), and the
// server then ends the stream. So it says nothing before that is settled.
import { xml, type Client } from '@xmpp/client';
import type { Element } from '@xmpp/xml';

const sm = 'urn:xmpp:sm:3';

/** Starts the client and makes it available; resolves with its full JID, rejects with what went wrong. */
export async function loginClient(entity: Client): Promise<string> {
  entity.reconnect.stop();
  // Its own 2 s are too short for a busy machine, and pass as an error that nobody can catch.
  entity.timeout = 30_000;
  // Awaited together: either may be the first to reject.
  const [address] = await Promise.all([entity.start(), streamManagementSettled(entity)]);
  await entity.send(xml('presence'));
  return String(address);
}

function streamManagementSettled(entity: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    entity.on('error', reject);
    entity.on('element', (element: Element) => {
      if (element.is('enabled', sm) || element.is('failed', sm)) resolve();
      const isLoggedIn = element.getChild('bind') !== undefined;
      if (element.name === 'stream:features' && isLoggedIn && element.getChild('sm', sm) === undefined) resolve();
    });
  });
}
