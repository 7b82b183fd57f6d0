// What the server has archived for somebody (XEP-0313), read page by page.
import type { Login } from '../support/proxy-side.ts';
import { logInRaw } from '../support/raw-session.ts';

/** Ids of all messages in this account's archive. */
export async function archivedIds(login: Login): Promise<ReadonlySet<string>> {
  await using client = await logInRaw(login);
  const ids = new Set<string>();
  for (let page = 0, after = ''; ; page++) {
    const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>50</max>${after}</set>`;
    client.write(
      `<iq type='set' id='page${page}'><query xmlns='urn:xmpp:mam:2' queryid='q${page}'>${set}</query></iq>`,
    );
    const heard = await client.hear(new RegExp(`<iq [^>]*id=['"]page${page}['"][^]*</iq>`));
    for (const [, id] of heard.matchAll(/<forwarded[^]*?<message [^>]*?id=['"]([^'"]+)['"]/g)) ids.add(id ?? '');
    const end = new RegExp(`<iq [^>]*id=['"]page${page}['"][^]*?</iq>`).exec(heard)?.[0] ?? '';
    const last = /<last>([^<]*)<\/last>/.exec(end)?.[1];
    if (last === undefined || /complete=['"]true/.test(end)) return ids;
    after = `<after>${last}</after>`;
  }
}
