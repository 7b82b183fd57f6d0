// Opening an XMPP stream as its initiator: header out, header and features in
// (RFC 6120 §4.3), and reading what the negotiation brings, element by element.

import { SimppError } from '../../shared/errors.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { isFeatures } from '../../shared/xmpp/features.ts';
import { readHeader, writeHeader, type ReceivedHeader, type StreamHeader } from '../../shared/xmpp/stream-header.ts';
import type { Leg } from '../leg.ts';
import { readStreamError } from './received-error.ts';

/** A stream that the other side has answered. */
export interface OpenedStream {
  readonly header: ReceivedHeader;
  /** The whole `<stream:features/>` as received. */
  readonly features: Uint8Array;
  /** The bindings around each element of the stream. */
  readonly scope: Bindings;
}

/** Opens a stream and reads the features; throws SimppError, also on a stream error. */
export function openStream(leg: Leg, header: StreamHeader): Promise<OpenedStream> {
  return openStreamWith(leg, writeHeader({ ...header, version: '1.0' }));
}

/** The same with a header as it is. */
export async function openStreamWith(leg: Leg, header: Uint8Array): Promise<OpenedStream> {
  leg.write(header);
  const received = await receiveHeader(leg);
  const features = await nextElement(leg, received.bindings);
  if (!isFeatures(features, received.bindings)) {
    throw new SimppError('unexpected-element', 'The server sent something else than its stream features.');
  }
  return { header: received, features, scope: received.bindings };
}

async function receiveHeader(leg: Leg): Promise<ReceivedHeader> {
  for (;;) {
    const part = await leg.read();
    if (part === undefined) throw closedEarly();
    if (part.kind === 'header') return readHeader(part.bytes);
  }
}

/** The next element, past white space; throws SimppError on a stream error and at the end of the stream. */
export async function nextElement(leg: Leg, scope: Bindings): Promise<Uint8Array> {
  for (;;) {
    const part = await leg.read();
    if (part === undefined || part.kind === 'footer') throw closedEarly();
    if (part.kind !== 'element') continue;
    const error = readStreamError(part.bytes, scope);
    if (error !== undefined) throw error;
    return part.bytes;
  }
}

function closedEarly(): SimppError {
  return new SimppError('server-unreachable', 'The server closed the connection before the stream was negotiated.');
}
