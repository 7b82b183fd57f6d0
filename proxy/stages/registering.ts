// In-band registration (XEP-0077) before a login: somebody reads a form and
// types, which a login's deadline does not foresee.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readRegistration } from '../../shared/xmpp/registration.ts';
import { onward, type Stage } from './stage.ts';

export const registeringStage: Stage<'watching' | 'over'> = {
  initial: 'watching',
  step: (state, { from, name, part, scope }) => {
    if (from !== 'client' || state === 'over') return { state, effects: onward };
    if (name === `{${ns.sasl}}auth`) return { state: 'over', effects: onward };
    if (name !== `{${ns.client}}iq` || readRegistration(part.bytes, scope)?.kind !== 'query') {
      return { state, effects: onward };
    }
    return { state: 'over', effects: [{ kind: 'note', note: { kind: 'registering' } }, ...onward] };
  },
};
