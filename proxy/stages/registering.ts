// In-band registration (XEP-0077) before a login: somebody reads a form and
// types, which a login's deadline does not foresee.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readRegistration } from '../../shared/xmpp/registration.ts';
import { onward, type Stage } from './stage.ts';

export const registeringStage: Stage<'watching' | 'over'> = {
  initial: 'watching',
  step: (state, arrival) => {
    if (arrival.from !== 'client' || state === 'over') return { state, effects: onward };
    if (arrival.is(ns.sasl, 'auth')) return { state: 'over', effects: onward };
    const isIq = arrival.is(ns.client, 'iq');
    if (!isIq || readRegistration(arrival.part.bytes, arrival.scope)?.kind !== 'query') {
      return { state, effects: onward };
    }
    return { state: 'over', effects: [{ kind: 'note', note: { kind: 'registering' } }, ...onward] };
  },
};
