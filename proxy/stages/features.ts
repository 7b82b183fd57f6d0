// Features go down verbatim but for what would take the stream out of the
// proxy's hands (transparency.md §3.1), and a client that asks for one of those
// all the same gets the answer of a server that does not have it.
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { filterFeatures } from '../../shared/xmpp/features.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { element } from '../../shared/xml/write.ts';
import type { Arrival } from './arrival.ts';
import { onward, type Effect, type Stage } from './stage.ts';

const end = (what: string): Effect => ({
  kind: 'end',
  end: { kind: 'refused', error: new SimppError('unexpected-element', what) },
});

/** What answers a request for a feature that is never offered; undefined for anything else. */
export function refusalOf(arrival: Arrival): readonly Effect[] | undefined {
  if (arrival.is(ns.tls, 'starttls')) {
    // RFC 6120 §5.4.2.2: failure, and the stream is closed.
    return [
      { kind: 'reply', bytes: utf8(element('failure', { xmlns: ns.tls })) },
      end('TLS was not offered on this stream.'),
    ];
  }
  if (arrival.is(ns.compression, 'compress')) {
    // XEP-0138 §3: the stream goes on uncompressed.
    const failure = element('failure', { xmlns: ns.compression }, element('unsupported-method'));
    return [{ kind: 'reply', bytes: utf8(failure) }];
  }
  return arrival.is(ns.sasl2, 'authenticate') ? [end('SASL2 was not offered.')] : undefined;
}

export const featuresStage: Stage<undefined> = {
  initial: undefined,
  step: (state, arrival) => {
    if (arrival.from === 'client') return { state, effects: refusalOf(arrival) ?? onward };
    if (!arrival.is(ns.streams, 'features')) return { state, effects: onward };
    return { state, effects: [{ kind: 'forward', bytes: filterFeatures(arrival.part.bytes, arrival.scope) }] };
  },
};
