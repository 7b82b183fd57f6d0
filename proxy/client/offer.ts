// What the proxy itself offers a client whose login ends here: SASL, the
// strongest mechanism first as servers list them. Nothing else is offered: what
// comes after the login is the server's matter.
import { utf8 } from '../../shared/bytes.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { element, escapeText } from '../../shared/xml/write.ts';
import type { Mechanism } from '../sasl/mechanisms.ts';

/** For accounts whose verifiers are stored. */
export const everyMechanism: readonly Mechanism[] = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'];

/** For an account whose password only its server can judge. */
export const onlyPlain: readonly Mechanism[] = ['PLAIN'];

/** The features of the stream before the login. */
export function loginFeatures(mechanisms: readonly Mechanism[]): Uint8Array {
  const list = mechanisms.map((name) => element('mechanism', {}, escapeText(name)));
  return utf8(element('stream:features', {}, element('mechanisms', { xmlns: ns.sasl }, ...list)));
}
