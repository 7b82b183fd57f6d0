// A real login with the stored password, for whoever asked for it by --login.

import { type Setup, setupName } from '../options.ts';
import type { TrialLogin } from '../server/trial-login.ts';
import { checkClockBySaying } from './clock.ts';
import { findings, shellWord, type Finding } from './finding.ts';

const login = findings('login');
const features = findings('features');

export interface LoginCheckOptions {
  readonly setup: Setup & { readonly kind: 'jid' };
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly tryLogin: (name: string) => Promise<TrialLogin>;
}

/** What people miss when a server cannot do it. */
const losses = {
  'stream management': 'messages can be lost when the network is',
  'message archive': 'other devices do not get what this one received',
  carbons: 'other devices do not see what this one sends',
  PEP: 'avatars and device lists cannot be published',
} as const;

export async function checkLogin({ setup, now, tryLogin }: LoginCheckOptions): Promise<Finding[]> {
  const trial = await tryLogin(setup.jid);
  if (trial.kind === 'failed') return [login.problem(trial.text, mendOf(trial, setup))];
  const { mechanism, abilities, serverTime } = trial;
  const missing = Object.entries(losses).filter(([name]) => !abilities.some((ability) => ability === name));
  return [
    login.ok(`The server takes the stored password (${mechanism}).`),
    features.ok(`The server has ${abilities.join(', ') || 'none of stream management, archive, carbons, PEP'}.`),
    ...missing.map(([name, loss]) => features.note(`The server has no ${name}: ${loss}.`)),
    ...(serverTime === undefined ? [] : checkClockBySaying(now(), serverTime, `the server of ${setupName(setup)}`)),
  ];
}

function mendOf({ code }: TrialLogin & { kind: 'failed' }, { jid }: { readonly jid: string }): string {
  switch (code) {
    case 'sasl-failed':
    case 'config-missing':
      return `simpp accounts password ${shellWord(jid)}`;
    default:
      return 'simpp log --level debug';
  }
}
