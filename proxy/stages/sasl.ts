// Follows a SASL login that passes through (RFC 6120 §6.4), because after
// <success/> both streams begin anew. A client may have sent its next header,
// and more, before it saw the success: it is read no further than its last SASL
// element until the server has answered that, so its scanner turns at the right byte.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { onward, type Stage } from './stage.ts';

export type SaslState = 'idle' | 'answer-due' | 'authenticated';

export const saslStage: Stage<SaslState> = {
  initial: 'idle',
  step: (state, { from, name }) => {
    if (state === 'authenticated') return { state, effects: onward };
    switch (name) {
      case `{${ns.sasl}}auth`:
      case `{${ns.sasl}}response`:
      case `{${ns.sasl}}abort`:
        if (from !== 'client') break;
        return { state: 'answer-due', effects: [...onward, { kind: 'hold', side: 'client' }] };
      case `{${ns.sasl}}challenge`:
      case `{${ns.sasl}}failure`:
        if (from !== 'server' || state !== 'answer-due') break;
        return { state: 'idle', effects: [...onward, { kind: 'release', side: 'client' }] };
      case `{${ns.sasl}}success`:
        if (from !== 'server' || state !== 'answer-due') break;
        return {
          state: 'authenticated',
          effects: [...onward, { kind: 'restart' }, { kind: 'release', side: 'client' }],
        };
    }
    return { state, effects: onward };
  },
};
