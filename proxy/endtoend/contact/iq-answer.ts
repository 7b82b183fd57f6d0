// Results and errors of the virtual contact's IQs (RFC 6120 §8.2.3, §8.3).
import { utf8 } from '../../../shared/bytes.ts';
import { element, type Xml } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';

/** The IQ that is answered. */
export interface Request {
  readonly id: string;
  /** The client's full JID, to which the answer goes. */
  readonly client: string;
  /** As the client wrote it. */
  readonly contact: string;
}

export function result({ id, client, contact }: Request, ...payload: readonly Xml[]): Uint8Array {
  return utf8(element('iq', { xmlns: ns.client, type: 'result', id, from: contact, to: client }, ...payload));
}

/** Type and condition of RFC 6120 §8.3.3; `detail` is the condition of an application. */
export interface Fault {
  readonly type: 'cancel' | 'modify' | 'wait';
  readonly condition: 'bad-request' | 'item-not-found' | 'not-allowed' | 'service-unavailable' | 'resource-constraint';
  readonly detail?: Xml;
}

export function refusal({ id, client, contact }: Request, { type, condition, detail }: Fault): Uint8Array {
  const reason = element(condition, { xmlns: ns.stanzaErrors });
  const error = element('error', { type, by: contact }, reason, ...(detail === undefined ? [] : [detail]));
  return utf8(element('iq', { xmlns: ns.client, type: 'error', id, from: contact, to: client }, error));
}

/** What is not there. */
export const unavailable: Fault = { type: 'cancel', condition: 'service-unavailable' };
