// Events for operators. Redaction is by construction: an event is a constant
// name and fields from the list below, so a body, a password or a key has no
// field to be in (docs/protocol.md §7.4). Bare JIDs are metadata that an
// operator needs and are logged; resources are not.

/** The names of the levels, least to most urgent. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** How urgent an event is. */
export type LogLevel = (typeof logLevels)[number];

/** Every field that an event may have; anything else is dropped. */
export const logFieldNames = [
  'connection', // number of the connection, given by child loggers
  'peer', // remote address, host:port
  'listen', // our address, host:port
  'server', // address of the XMPP server or gateway, host:port
  'domain',
  'jid', // bare
  'setup', // JID or domain of a set-up
  'mode', // 'gateway', 'direct', 'guest', 'spliced' …
  'profile',
  'suite',
  'mechanism', // SASL mechanism
  'binding', // type of channel binding
  'tls', // TLS version and cipher
  'stage', // where in a protocol it happened
  'state',
  'device', // device id
  'version',
  'code', // of a SimppError
  'text', // of a SimppError, or written by us
  'cause', // name or system code of an underlying error
  'stack', // frames without the message
  'condition', // stream, stanza or SASL error condition
  'file',
  'count',
  'bytesIn',
  'bytesOut',
  'durationMs',
  'signal',
] as const;

/** Name of a field of an event. */
export type LogFieldName = (typeof logFieldNames)[number];

/** The fields of one event. */
export type LogFields = { readonly [name in LogFieldName]?: string | number | boolean | undefined };

/** Where a module writes its events. `event` is a constant, in words: 'client connected'. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds these fields to each event, for one connection. */
  child(fields: LogFields): Log;
}

const nothing = (): void => {};

/** A log that keeps nothing. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog };

const allowed: ReadonlySet<string> = new Set(logFieldNames);
const maxFieldLength = 500;
// Controls, and the characters that reorder a line on a terminal.
const unprintable = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text that cannot move a cursor, begin a line or hide itself. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The allowed fields of an event in the form in which they are written. */
export function allowedFields(fields: LogFields): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || !allowed.has(name)) continue;
    if (typeof value !== 'string') {
      kept[name] = value;
      continue;
    }
    const text = name === 'jid' ? withoutResource(value) : value;
    kept[name] = name === 'stack' ? text : printable(text.slice(0, maxFieldLength));
  }
  return kept;
}

function withoutResource(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}
