// The settings of a client as its page in docs/guide shows them: what people are
// told to type is what the tests type.
import { readFile } from 'node:fs/promises';

export interface GuideValues {
  /** In place of alice@example.org. */
  readonly jid: string;
  readonly password: string;
  readonly port: number;
  /** In place of this port. */
  readonly printedPort?: number;
}

const printed = { jid: 'alice@example.org', password: 'secret-alice', host: '127.0.0.1', port: 5222 };

/** The first block of this language on the page of this client. */
async function blockOf(client: string, language: string): Promise<string> {
  const page = await readFile(new URL(`../../../docs/guide/${client}.md`, import.meta.url), 'utf8');
  const block = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1];
  if (block === undefined) throw new Error(`docs/guide/${client}.md has no block of ${language}`);
  return block;
}

/** The block with the port of the proxy and, where they stand in it, the account and its password put in. */
export async function guideSettings(client: string, language: string, values: GuideValues): Promise<string> {
  const block = await blockOf(client, language);
  const port = String(values.printedPort ?? printed.port);
  for (const text of [printed.host, port]) {
    if (!block.includes(text)) throw new Error(`docs/guide/${client}.md says nothing of ${text}`);
  }
  return block
    .replaceAll(printed.jid, values.jid)
    .replaceAll(printed.password, values.password)
    .replaceAll(port, String(values.port));
}
