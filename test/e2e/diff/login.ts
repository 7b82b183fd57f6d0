// The logins of scripted clients: SASL up to its outcome, and a resource.
import { advanceClient, finishClient, startClient } from '../../../proxy/sasl/client.ts';
import { isMechanism } from '../../../proxy/sasl/mechanisms.ts';
import { newNonce } from '../../../proxy/sasl/nonce.ts';
import { fromBase64, toBase64 } from '../../../shared/bytes.ts';
import { readPattern, textOf } from './pattern.ts';
import type { RecordedClient } from './recorded-client.ts';

const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl';
const none = new Map<string, string>();
const answers = ['challenge', 'success', 'failure'].map((name) => readPattern(`<${name} xmlns='${sasl}'/>`));
export interface Credentials {
  readonly mechanism: string;
  readonly name: string;
  readonly password: string;
}

/** SASL up to success, after which a new stream is due, or failure; whether it was success. */
export async function runSasl(client: RecordedClient, credentials: Credentials): Promise<boolean> {
  const { mechanism, name: authcid, password } = credentials;
  if (!isMechanism(mechanism)) {
    client.write(`<auth xmlns='${sasl}' mechanism='${mechanism}'/>`);
    return (await client.hear(answers, none)).node.local === 'success';
  }
  const start = startClient(mechanism, { authcid, password, nonce: newNonce() });
  client.write(`<auth xmlns='${sasl}' mechanism='${mechanism}'>${toBase64(start.initial)}</auth>`);
  for (let { state } = start; ;) {
    const { node } = await client.hear(answers, none);
    const payload = textOf(node).trim();
    if (node.local === 'success') finishClient(state, payload === '' ? undefined : fromBase64(payload));
    if (node.local !== 'challenge') return node.local === 'success';
    const step = await advanceClient(state, fromBase64(payload));
    state = step.state;
    client.write(`<response xmlns='${sasl}'>${toBase64(step.response)}</response>`);
  }
}

/** Binds a resource; empty leaves it to the server. */
export async function bind(client: RecordedClient, resource: string): Promise<void> {
  const inside = resource === '' ? '' : `<resource>${resource}</resource>`;
  const request = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${inside}</bind>`;
  client.write(`<iq xmlns='jabber:client' type='set' id='bind'>${request}</iq>`);
  await client.hear([readPattern(`<iq id='bind'/>`)], none);
}
