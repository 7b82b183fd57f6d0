// Where a server would rather have its client reconnect (XEP-0198 §3) is no
// place for a client of the proxy, which would pass it by (transparency.md §3.6).
import { ns } from '../../shared/xmpp/namespaces.ts';
import { withoutLocation } from '../../shared/xmpp/stream-management.ts';
import { onward, type Stage } from './stage.ts';

export const locationStage: Stage<undefined> = {
  initial: undefined,
  step: (state, arrival) => {
    const isEnabled = arrival.from === 'server' && (arrival.is(ns.sm3, 'enabled') || arrival.is(ns.sm2, 'enabled'));
    if (!isEnabled) return { state, effects: onward };
    return { state, effects: [{ kind: 'forward', bytes: withoutLocation(arrival.part.bytes) }] };
  },
};
