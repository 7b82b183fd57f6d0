// An account's archive (XEP-0313) as a client is given it, from the server itself
// or through a proxy.
import type { Login } from '../support/proxy-side.ts';
import { logInRaw } from '../support/raw-session.ts';

/** Every byte of the answer to a query for all that is archived. */
export async function historyOf(login: Login): Promise<Buffer> {
  await using client = await logInRaw(login);
  const before = client.bytes.length;
  client.write(`<iq type='set' id='history'><query xmlns='urn:xmpp:mam:2' queryid='all'/></iq>`);
  await client.hear(/<iq [^>]*id=['"]history['"][^]*?<\/iq>/);
  return Buffer.from(client.bytes.subarray(before));
}
