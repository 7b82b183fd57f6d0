// Handshake messages as elements of the outer stream (docs/protocol.md §4):
// one message an element, in canonical base64.

import { fromBase64, toBase64, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { textOf } from '../../shared/xml/children.ts';
import { isElement, readStartTag, type Bindings } from '../../shared/xml/tag.ts';
import { element, escapeText } from '../../shared/xml/write.ts';
import type { Leg } from '../leg.ts';
import type { HandshakeWire } from './accept.ts';
import type { Acceptor } from './acceptor.ts';
import type { PartReader } from './part-reader.ts';

type Names = Pick<Acceptor, 'namespace' | 'suite'>;

/** Whether an element is a `<handshake/>` of this profile. */
export function isHandshake(bytes: Uint8Array, scope: Bindings, { namespace }: Names): boolean {
  return isElement(readStartTag(bytes), scope, namespace, 'handshake');
}

/** The message in a `<handshake/>`; the first one must choose the suite that was offered. Throws SimppError. */
export function readHandshake(bytes: Uint8Array, scope: Bindings, names: Names, isFirst: boolean): Uint8Array {
  if (!isHandshake(bytes, scope, names)) throw new SimppError('unexpected-element');
  const suite = readStartTag(bytes).attributes.get('suite');
  if (suite !== (isFirst ? names.suite : undefined)) {
    throw new SimppError('suite-missing', 'The client chose a suite that was not offered.');
  }
  try {
    return fromBase64(textOf(bytes));
  } catch (cause) {
    throw new SimppError('malformed-message', 'A handshake message is not base64.', { cause });
  }
}

/** The constant answer to every failure: neither its length nor its content says what was wrong. */
export function failure({ namespace }: Names): Uint8Array {
  return utf8(`${element('failure', { xmlns: namespace })}</stream:stream>`);
}

/** The last element of the outer stream: records follow. */
export function proceed({ namespace }: Names): Uint8Array {
  return utf8(element('proceed', { xmlns: namespace }));
}

/** The wire of one handshake whose first element was read already. */
export function handshakeWire(
  first: Uint8Array,
  scope: Bindings,
  names: Names,
  leg: Leg,
  reader: PartReader,
): HandshakeWire {
  let pending: Uint8Array | undefined = first;
  return {
    async read() {
      if (pending !== undefined) {
        const bytes = pending;
        pending = undefined;
        return readHandshake(bytes, scope, names, true);
      }
      const part = await reader.next();
      if (part?.kind !== 'element') throw new SimppError('unexpected-element', 'The outer stream ended too early.');
      return readHandshake(part.bytes, scope, names, false);
    },
    send(message) {
      leg.write(utf8(element('handshake', { xmlns: names.namespace }, escapeText(toBase64(message)))));
    },
  };
}
