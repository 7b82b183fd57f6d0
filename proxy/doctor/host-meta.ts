// XEP-0156: what a domain's web server says about BOSH and WebSocket.

import { request } from 'node:https';

const maxBytes = 64 * 1024;
const timeoutMs = 3000;

/** The link relations of XEP-0156 §3. */
const relations = {
  'urn:xmpp:alt-connections:xbosh': 'BOSH',
  'urn:xmpp:alt-connections:websocket': 'WebSocket',
} as const;

export interface HostMeta {
  readonly links: readonly { readonly kind: 'BOSH' | 'WebSocket'; readonly href: string }[];
  /** The web server's clock in milliseconds since 1970. */
  readonly date?: number;
}

export interface WebOptions {
  readonly port?: number;
  /** Instead of the address that DNS has. */
  readonly host?: string;
  /** Trusted beside the system's CAs. */
  readonly ca?: string;
}

/** Reads /.well-known/host-meta.json; undefined when the domain has no such page, whatever the reason. */
export async function readHostMeta(
  domain: string,
  signal: AbortSignal,
  options: WebOptions = {},
): Promise<HostMeta | undefined> {
  try {
    const { body, date } = await get(domain, signal, options);
    const document: unknown = JSON.parse(body);
    const links = typeof document === 'object' && document !== null && 'links' in document ? document.links : [];
    if (!Array.isArray(links)) return undefined;
    return { links: links.flatMap(readLink), ...(date === undefined ? {} : { date }) };
  } catch {
    return undefined;
  }
}

function readLink(link: unknown): HostMeta['links'][number][] {
  if (typeof link !== 'object' || link === null || !('rel' in link) || !('href' in link)) return [];
  const { rel, href } = link;
  if (typeof rel !== 'string' || typeof href !== 'string' || !Object.hasOwn(relations, rel)) return [];
  return [{ kind: relations[rel as keyof typeof relations], href }];
}

function get(
  domain: string,
  outer: AbortSignal,
  { port = 443, host, ca }: WebOptions,
): Promise<{ body: string; date?: number }> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(timeoutMs)]);
  const { promise, resolve, reject } = Promise.withResolvers<{ body: string; date?: number }>();
  const asked = request({
    host: host ?? domain,
    servername: domain,
    port,
    path: '/.well-known/host-meta.json',
    headers: { host: domain },
    signal,
    agent: false,
    ...(ca === undefined ? {} : { ca }),
  });
  asked.on('error', reject);
  asked.on('response', (response) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    response.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > maxBytes) asked.destroy(new Error('too large'));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('end', () => {
      if (response.statusCode !== 200) reject(new Error('no such page'));
      const date = Date.parse(response.headers.date ?? '');
      resolve({ body: Buffer.concat(chunks).toString(), ...(Number.isNaN(date) ? {} : { date }) });
    });
  });
  asked.end();
  return promise;
}
