// A server that sends its clients to another host (RFC 6120 §4.9.3.19): whether
// the gateway may follow it there (transparency.md §4).

import { isIP } from 'node:net';
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { isHost, isPort, type Endpoint } from '../endpoint.ts';

/** Hosts that a server may send its clients to. */
export interface HostPattern {
  /** As it is, or with every name below it. */
  readonly kind: 'host' | 'below';
  readonly host: string;
  /** Any when absent. */
  readonly port?: number;
}

/** The form that `parseHostPattern` reads, for error texts. */
export const hostPatternForm =
  'HOST:PORT or HOST, like xmpp2.example.org:5222, or *.example.org for the names below it';

/** Reads a pattern; undefined when it is none. */
export function parseHostPattern(text: string): HostPattern | undefined {
  const match = /^(\*\.)?(.+?)(?::(\d{1,5}))?$/.exec(text.startsWith('[') || isIP(text) === 0 ? text : `[${text}]`);
  if (match === null) return undefined;
  const [, below, written = '', digits] = match;
  const host = normalHost(/^\[(.*)\]$/.exec(written)?.[1] ?? written);
  const port = digits === undefined ? undefined : Number(digits);
  if (!isHost(host) || (port !== undefined && !isPort(port))) return undefined;
  // An address has no names below it.
  if (below !== undefined && isIP(host) !== 0) return undefined;
  return { kind: below === undefined ? 'host' : 'below', host, ...(port === undefined ? {} : { port }) };
}

/** Whether one of the patterns allows a host and port. */
export function isAllowed(patterns: readonly HostPattern[], { host, port }: Endpoint): boolean {
  const normal = normalHost(host);
  return patterns.some((pattern) => {
    if (pattern.port !== undefined && pattern.port !== port) return false;
    return pattern.kind === 'host' ? normal === pattern.host : normal.endsWith(`.${pattern.host}`);
  });
}

/** Names do not differ by case or by the dot of the root. */
function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/**
 * A redirection that is not followed, as the client is told of it: a server that cannot be reached. Where to is the
 * log's matter: a client that knew would go there by itself, past the gateway (docs/decisions/0007).
 */
export class RedirectionRefused extends SimppError {
  constructor() {
    super(
      'server-unreachable',
      'The XMPP server sends its clients to another host, where the gateway may not follow. Ask the administrator of the server.',
    );
    this.name = 'RedirectionRefused';
  }
}

const error = utf8('error');
/** `/`, `>` and white space. */
const nameEnds: ReadonlySet<number> = new Set([0x2f, 0x3e, 0x20, 0x09, 0x0a, 0x0d]);

/** Whether an element is named `error`, with any prefix: spares all stanzas a closer look. */
export function mayBeStreamError(element: Uint8Array): boolean {
  let end = 1;
  while (end < element.length && !nameEnds.has(element[end]!)) end++;
  return end > error.length && error.every((byte, at) => element[end - error.length + at] === byte);
}
