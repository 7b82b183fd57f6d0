// What a server said when it said no: kept whole, so that the client can be
// shown the server's own element, and readable for people.

import { SimppError, type ErrorCode } from '../../shared/errors.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { childrenOf } from '../../shared/xmpp/stanza.ts';
import { textOf } from '../../shared/xml/children.ts';
import { isElement, namespaceOf, readStartTag, type Bindings } from '../../shared/xml/tag.ts';

/** A `<stream:error/>` of the other side (RFC 6120 §4.9); the stream is over. */
export class StreamErrorReceived extends SimppError {
  /** The element as received. */
  readonly element: Uint8Array;
  readonly condition: string;
  /** Where `<see-other-host/>` leads, as written. */
  readonly otherHost: string | undefined;

  constructor(element: Uint8Array, condition: string, text: string | undefined, otherHost?: string) {
    super(codeOf(condition), `The server ended the stream: ${text ?? condition} (${condition}).`);
    this.element = element;
    this.condition = condition;
    this.otherHost = otherHost;
  }
}

/** A SASL `<failure/>` (RFC 6120 §6.5); the stream goes on and another attempt may follow. */
export class SaslRefused extends SimppError {
  /** The element as received. */
  readonly element: Uint8Array;
  readonly condition: string;
  /** The server's own words. */
  readonly text: string | undefined;

  constructor(element: Uint8Array, condition: string, text: string | undefined) {
    super('sasl-failed', `The server refused the login: ${text ?? condition} (${condition}).`);
    this.element = element;
    this.condition = condition;
    this.text = text;
  }
}

/** The error that an element is, if it is a stream error. */
export function readStreamError(element: Uint8Array, scope: Bindings): StreamErrorReceived | undefined {
  if (!isElement(readStartTag(element), scope, ns.streams, 'error')) return undefined;
  let condition = 'undefined-condition';
  let text: string | undefined;
  let otherHost: string | undefined;
  for (const child of childrenOf(element, scope)) {
    if (namespaceOf(child.tag, child.scope) !== ns.streamErrors) continue;
    if (child.tag.local === 'text') text = textOf(child.bytes);
    else condition = child.tag.local;
    if (child.tag.local === 'see-other-host') otherHost = textOf(child.bytes).trim();
  }
  return new StreamErrorReceived(element, condition, text, otherHost);
}

function codeOf(condition: string): ErrorCode {
  return condition === 'host-unknown' || condition === 'host-gone' ? 'host-unknown' : 'server-unreachable';
}
