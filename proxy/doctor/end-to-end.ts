// What a running proxy says of the end-to-end encryption of a set-up's accounts.

import { setupDomain } from '../address.ts';
import type { StatusFacts } from '../endtoend/desk.ts';
import type { Setup } from '../options.ts';
import { findings, shellWord, type Finding } from './finding.ts';

const say = findings('encryption');
/** Of a domain, which may have thousands. */
const maxAccounts = 20;

/** `all` are the accounts that have it; none where the proxy does not run. */
export function checkEndToEnd(setup: Setup, all: readonly StatusFacts[]): Finding[] {
  const isOf = ({ jid }: StatusFacts): boolean =>
    setup.kind === 'jid' ? jid === setup.jid : jid.endsWith(`@${setupDomain(setup)}`);
  const own = all.filter(isOf);
  const found = own.map((facts) => checkAccount(facts, own.length > 1));
  return found
    .filter((each) => each.length > 0)
    .slice(0, maxAccounts)
    .flat();
}

function checkAccount({ jid, deviceState, code, recovery, alarms }: StatusFacts, isOneOfMany: boolean): Finding[] {
  const of = ` --account ${shellWord(jid)}`;
  if (deviceState === 'waiting') {
    const shown = code === undefined ? '' : ` Its code is ${code}.`;
    return [
      say.warning(
        `This device of ${jid} waits for approval by another one: nothing is encrypted here.${shown}`,
        code === undefined ? `simpp recovery enter${of}` : `simpp devices approve ${code}   # on that other device`,
      ),
    ];
  }
  const trouble = [
    ...alarms.map((alarm) =>
      say.warning(isOneOfMany ? `${jid}: ${alarm}` : alarm, `simpp contacts${of}; simpp devices${of}`),
    ),
    ...(recovery === 'unseen'
      ? [
          say.warning(
            `Nobody has seen the recovery phrase of ${jid}: if this machine is lost, so is the account key.`,
            `simpp recovery show${of}`,
          ),
        ]
      : []),
  ];
  if (trouble.length > 0 || isOneOfMany || deviceState === 'none') return trouble;
  return [say.ok(`End-to-end encryption of ${jid} needs nothing.`)];
}
