// Notices that the client and its server agreed on a resumable session
// (XEP-0198 §5): from then on a lost connection is no end, and nothing may be
// said on a leg that would make it one (transparency.md §3.7).
import { ns } from '../../shared/xmpp/namespaces.ts';
import type { Arrival } from './arrival.ts';
import { onward, type Stage } from './stage.ts';

export const resumableStage: Stage<'no' | 'yes'> = {
  initial: 'no',
  step: (state, arrival) => {
    if (arrival.from !== 'server' || state === 'yes' || !promises(arrival)) return { state, effects: onward };
    return { state: 'yes', effects: [{ kind: 'note', note: { kind: 'resumable' } }, ...onward] };
  },
};

function promises(arrival: Arrival): boolean {
  if (arrival.is(ns.sm3, 'resumed') || arrival.is(ns.sm2, 'resumed')) return true;
  if (!arrival.is(ns.sm3, 'enabled') && !arrival.is(ns.sm2, 'enabled')) return false;
  const resume = arrival.attribute('resume');
  return resume === 'true' || resume === '1';
}
