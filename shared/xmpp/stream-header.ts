// The root start tag of a stream (RFC 6120 §4.7, §4.8).

import { utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import type { Bindings, StartTag } from '../xml/tag.ts';
import { bindingsOf, namespaceOf, noBindings, readStartTag } from '../xml/tag.ts';
import { startTag } from '../xml/write.ts';
import { ns } from './namespaces.ts';

/** What a stream header says; addresses as written, not prepared. */
export interface StreamHeader {
  readonly to?: string;
  readonly from?: string;
  readonly id?: string;
  readonly lang?: string;
  /** Absent before XMPP 1.0: no features follow (RFC 6120 §4.7.5). */
  readonly version?: string;
}

/** A received header, with the bindings that its stanzas inherit. */
export interface ReceivedHeader extends StreamHeader {
  readonly bindings: Bindings;
  readonly tag: StartTag;
}

/** Reads a header part of the scanner; throws SimppError `bad-format` or `invalid-namespace`. */
export function readHeader(bytes: Uint8Array): ReceivedHeader {
  const tag = readStartTag(bytes);
  // RFC 6120 §4.8.1: the root is in the namespace of streams …
  if (namespaceOf(tag) !== ns.streams) {
    throw new SimppError('invalid-namespace', `A stream begins in the namespace ${ns.streams}.`);
  }
  if (tag.local !== 'stream') throw new SimppError('bad-format', 'A stream begins with the element <stream/>.');
  const bindings = bindingsOf(tag, noBindings);
  // … and §4.8.2, §4.8.3: the default namespace is that of its stanzas, on a client's stream jabber:client, or of streams.
  const byDefault = bindings.get('');
  if (byDefault !== ns.client && byDefault !== ns.streams) {
    throw new SimppError('invalid-namespace', `The default namespace of a client's stream is ${ns.client}.`);
  }
  return { ...headerAttributes(tag), bindings, tag };
}

const written = { to: 'to', from: 'from', id: 'id', lang: 'xml:lang', version: 'version' } as const;

function headerAttributes(tag: StartTag): StreamHeader {
  const header: { -readonly [Key in keyof StreamHeader]: StreamHeader[Key] } = {};
  for (const key of Object.keys(written) as (keyof StreamHeader)[]) {
    const value = tag.attributes.get(written[key]);
    if (value !== undefined) header[key] = value;
  }
  return header;
}

/** A stream header with XML declaration, the default namespace jabber:client and the prefix `stream`. */
export function writeHeader(header: StreamHeader): Uint8Array {
  const tag = startTag('stream:stream', {
    xmlns: ns.client,
    'xmlns:stream': ns.streams,
    from: header.from,
    to: header.to,
    id: header.id,
    'xml:lang': header.lang,
    version: header.version,
  });
  return utf8(`<?xml version="1.0"?>${tag}`);
}

/** The end of a stream whose header `writeHeader` wrote. */
export const streamFooter: Uint8Array = utf8('</stream:stream>');
