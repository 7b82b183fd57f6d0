// What the gateway is known to think of this device, from the last login.

import { setupDomain } from '../address.ts';
import { setupName, type Setup } from '../options.ts';
import type { AccountFacts } from '../store/account-facts.ts';
import { findings, shellWord, type Finding } from './finding.ts';

const say = findings('device');

/** `facts` are those of all stored accounts; undefined when they could not be read. */
export function checkDevices(setup: Setup, facts: readonly AccountFacts[] | undefined): Finding[] {
  if (facts === undefined || setup.mode === 'direct' || setup.profile === 'classic') return [];
  if (setup.kind === 'jid')
    return [
      checkDevice(
        setup.jid,
        facts.find(({ name }) => name === setup.jid),
      ),
    ];
  const domain = setupDomain(setup);
  const ofDomain = facts.filter(({ name, hasPassword }) => !hasPassword && name.endsWith(`@${domain}`));
  return ofDomain.filter(({ state }) => state === 'pending').map((account) => checkDevice(account.name, account));
}

function checkDevice(jid: string, account: AccountFacts | undefined): Finding {
  switch (account?.state) {
    case 'registered':
      return say.ok(`The gateway counts this device as one of ${jid}.`);
    case 'pending':
      return say.warning(
        `The gateway holds this device of ${jid} as pending: another one was there first. Logins work and are encrypted.`,
        'restore proxy.db and keystore/ of the first device, if it is yours and gone',
      );
    case 'none':
    case undefined:
      return say.note(`This device of ${jid} is not enrolled yet; the first login does it.`);
  }
}

/** A JID's set-up needs its password here. */
export function checkPassword(setup: Setup, facts: readonly AccountFacts[] | undefined): Finding[] {
  if (facts === undefined || setup.kind === 'domain') return [];
  if (facts.some(({ name, hasPassword }) => name === setup.jid && hasPassword)) return [];
  const login = findings('login');
  return [
    login.warning(
      `No password of ${setupName(setup)} is stored: its clients can log in with PLAIN only.`,
      `simpp accounts password ${shellWord(setup.jid)}`,
    ),
  ];
}
