// Follows a SASL login that passes through (RFC 6120 §6.4), because after
// <success/> both streams begin anew. A client may have sent its next header,
// and more, before it saw the success: it is read no further than its last SASL
// element until the server has answered that, so its scanner turns at the right byte.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { onward, type Effect, type Stage } from './stage.ts';

export type SaslState = 'idle' | 'answer-due' | 'authenticated';

const clientWords = ['auth', 'response', 'abort'];

export const saslStage: Stage<SaslState> = {
  initial: 'idle',
  step: (state, arrival) => {
    if (state === 'authenticated') return { state, effects: onward };
    if (arrival.from === 'client') {
      if (!clientWords.some((local) => arrival.is(ns.sasl, local))) return { state, effects: onward };
      return { state: 'answer-due', effects: [...onward, { kind: 'hold', side: 'client' }] };
    }
    if (state === 'idle') return { state, effects: onward };
    const release: Effect = { kind: 'release', side: 'client' };
    if (arrival.is(ns.sasl, 'success')) {
      return { state: 'authenticated', effects: [...onward, { kind: 'restart' }, release] };
    }
    const isAnswer = arrival.is(ns.sasl, 'challenge') || arrival.is(ns.sasl, 'failure');
    return isAnswer ? { state: 'idle', effects: [...onward, release] } : { state, effects: onward };
  },
};
