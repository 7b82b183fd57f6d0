// What the server has archived for somebody (XEP-0313), read page by page by a
// client of bytes.
import type { Login } from './proxy-side.ts';
import { logInRaw } from './raw-session.ts';

/** Everything that was heard while the whole archive of this account was read, oldest first. */
export async function archiveText(login: Login): Promise<string> {
  await using client = await logInRaw(login);
  for (let page = 0, after = ''; ; page++) {
    const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>50</max>${after}</set>`;
    client.write(
      `<iq type='set' id='page${page}'><query xmlns='urn:xmpp:mam:2' queryid='q${page}'>${set}</query></iq>`,
    );
    const heard = await client.hear(new RegExp(`<iq [^>]*id=['"]page${page}['"][^]*</iq>`));
    const end = new RegExp(`<iq [^>]*id=['"]page${page}['"][^]*?</iq>`).exec(heard)?.[0] ?? '';
    const last = /<last>([^<]*)<\/last>/.exec(end)?.[1];
    if (last === undefined || /complete=['"]true/.test(end)) return heard;
    after = `<after>${last}</after>`;
  }
}

/** The results among it, whole, one a message. */
export function archivedResults(text: string): string[] {
  return [...text.matchAll(/<result [^>]*urn:xmpp:mam:2[^]*?<\/result>/g)].map(([result]) => result);
}
