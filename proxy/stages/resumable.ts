// Notices that the client and its server agreed on a resumable session
// (XEP-0198 §5): from then on a lost connection is no end, and nothing may be
// said on a leg that would make it one (transparency.md §3.7).
import { ns } from '../../shared/xmpp/namespaces.ts';
import { onward, type Stage } from './stage.ts';

export const resumableStage: Stage<'no' | 'yes'> = {
  initial: 'no',
  step: (state, { from, name, tag }) => {
    if (from !== 'server' || state === 'yes') return { state, effects: onward };
    const resumed = name === `{${ns.sm3}}resumed` || name === `{${ns.sm2}}resumed`;
    const enabled = name === `{${ns.sm3}}enabled` || name === `{${ns.sm2}}enabled`;
    const resume = tag?.attributes.get('resume');
    if (!resumed && !(enabled && (resume === 'true' || resume === '1'))) return { state, effects: onward };
    return { state: 'yes', effects: [{ kind: 'note', note: { kind: 'resumable' } }, ...onward] };
  },
};
