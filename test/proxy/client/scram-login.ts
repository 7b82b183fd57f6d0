// A client's SCRAM login as the elements that it writes.
import { fromBase64, toBase64 } from '../../../shared/bytes.ts';
import { advanceClient, finishClient, startClient } from '../../../proxy/sasl/client.ts';
import type { Mechanism } from '../../../proxy/sasl/mechanisms.ts';
import type { ClientBinding } from '../../../proxy/sasl/scram-client.ts';
import { newNonce } from '../../../proxy/sasl/nonce.ts';

export interface ScramLogin {
  readonly auth: string;
  /** The answer to `<challenge/>`. */
  respond(challenge: string): Promise<string>;
  /** Throws unless `<success/>` carries the server's proof. */
  verify(success: string): void;
}

export function createScram(
  mechanism: Mechanism,
  authcid: string,
  password: string,
  binding?: ClientBinding,
): ScramLogin {
  const start = startClient(mechanism, { authcid, password, nonce: newNonce(), binding });
  let { state } = start;
  const xmlns = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
  const payload = (element: string): Uint8Array => fromBase64(/>([^<]*)</.exec(element)?.[1] ?? '');
  return {
    auth: `<auth ${xmlns} mechanism='${mechanism}'>${toBase64(start.initial)}</auth>`,
    respond: async (challenge) => {
      const step = await advanceClient(state, payload(challenge));
      state = step.state;
      return `<response ${xmlns}>${toBase64(step.response)}</response>`;
    },
    verify: (success) => void finishClient(state, payload(success)),
  };
}
