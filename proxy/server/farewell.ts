// Why a gateway ended a channel (docs/protocol.md §8): its Goodbye, as the
// error that the client is shown when the stream then ends.

import { SimppError, type ErrorCode } from '../../shared/errors.ts';
import { goodbyeReasons, type Control } from '../../shared/simpp/control.ts';

type Goodbye = Extract<Control, { readonly name: 'Goodbye' }>['values'];

const codes: Readonly<Record<(typeof goodbyeReasons)[number], ErrorCode>> = {
  'server-unreachable': 'server-unreachable',
  'jid-mismatch': 'jid-mismatch',
  policy: 'gateway-refused',
  shutdown: 'server-unreachable',
  'protocol-error': 'unexpected-element',
  'internal-error': 'server-unreachable',
};

const texts: Readonly<Record<(typeof goodbyeReasons)[number], string>> = {
  'server-unreachable': 'The gateway cannot reach its XMPP server.',
  'jid-mismatch': 'The server bound another address than the channel was opened for.',
  policy: 'The gateway does not allow this.',
  shutdown: 'The gateway is shutting down.',
  'protocol-error': 'The gateway could not follow the stream.',
  'internal-error': 'The gateway failed.',
};

/** A Goodbye as an error with the gateway's own words. */
export function farewellOf(goodbye: Goodbye): SimppError {
  const reason = goodbyeReasons[goodbye.reason] ?? 'internal-error';
  return new SimppError(codes[reason], goodbye.text === '' ? texts[reason] : goodbye.text);
}
