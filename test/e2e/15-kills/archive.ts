// Which messages the server has archived for somebody.
import { archiveText } from '../support/archive.ts';
import type { Login } from '../support/proxy-side.ts';

/** Ids of all messages in this account's archive. */
export async function archivedIds(login: Login): Promise<ReadonlySet<string>> {
  const text = await archiveText(login);
  return new Set([...text.matchAll(/<forwarded[^]*?<message [^>]*?id=['"]([^'"]+)['"]/g)].map(([, id]) => id ?? ''));
}
