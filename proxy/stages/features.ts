// Features go down verbatim but for what would take the stream out of the
// proxy's hands (transparency.md §3.1), and a client that asks for one of those
// all the same gets the answer of a server that does not have it.
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { filterFeatures } from '../../shared/xmpp/features.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { element } from '../../shared/xml/write.ts';
import { onward, type Effect, type Stage } from './stage.ts';

const featuresName = `{${ns.streams}}features`;

const end = (what: string): Effect => ({
  kind: 'end',
  end: { kind: 'refused', error: new SimppError('unexpected-element', what) },
});

/** What answers a request for a feature that is never offered; undefined for anything else. */
export function refusalOf(name: string): readonly Effect[] | undefined {
  switch (name) {
    case `{${ns.tls}}starttls`:
      // RFC 6120 §5.4.2.2: failure, and the stream is closed.
      return [
        { kind: 'reply', bytes: utf8(element('failure', { xmlns: ns.tls })) },
        end('This address takes plaintext connections only; TLS was not offered.'),
      ];
    case `{${ns.compression}}compress`:
      // XEP-0138 §3: the stream goes on uncompressed.
      return [
        {
          kind: 'reply',
          bytes: utf8(element('failure', { xmlns: ns.compression }, element('unsupported-method'))),
        },
      ];
    case `{${ns.sasl2}}authenticate`:
      return [end('SASL2 was not offered.')];
    default:
      return undefined;
  }
}

export const featuresStage: Stage<undefined> = {
  initial: undefined,
  step: (state, { from, part, name, scope }) => {
    if (from === 'client') return { state, effects: refusalOf(name) ?? onward };
    if (name !== featuresName) return { state, effects: onward };
    return { state, effects: [{ kind: 'forward', bytes: filterFeatures(part.bytes, scope) }] };
  },
};
