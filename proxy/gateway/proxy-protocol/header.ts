// What the two versions of the PROXY protocol share (HAProxy's proxy-protocol.txt,
// version 2020/03/05): what a header says, and how one is recognised.

import { SimppError } from '../../../shared/errors.ts';
import type { Endpoint } from '../../endpoint.ts';

/** The two ends of a TCP connection, both IPv4 or both IPv6, without brackets, zones and mapped forms. */
export interface Addresses {
  /** The client. */
  readonly source: Endpoint;
  /** Where it connected to. */
  readonly destination: Endpoint;
}

/** What reading the first bytes of a connection gives. */
export type HeaderReading =
  /** As far as it goes it is a header; more bytes are needed. */
  | { readonly kind: 'incomplete' }
  | {
      readonly kind: 'complete';
      /** Bytes of the header; what stands behind them is the client's. */
      readonly length: number;
      /** Undefined when the header speaks for nobody: LOCAL, UNKNOWN, other families. The connection's own hold then. */
      readonly addresses: Addresses | undefined;
    };

/** Largest header that is read, TLVs included; real ones have some hundred bytes. */
export const maxHeaderBytes = 2048;

/** A header that breaks the rules. */
export function malformedHeader(what: string): SimppError {
  return new SimppError('malformed-message', `The PROXY protocol header ${what}.`);
}

/** Whether bytes begin as `pattern` does, as far as both go. */
export function agrees(bytes: Uint8Array, pattern: Uint8Array): boolean {
  const length = Math.min(bytes.length, pattern.length);
  for (let at = 0; at < length; at++) if (bytes[at] !== pattern[at]) return false;
  return true;
}
