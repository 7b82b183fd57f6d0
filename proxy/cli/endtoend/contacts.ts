// `simpp contacts` and `simpp trust`: whose keys are known, how they are
// trusted, and the decisions about them.
import {
  deskStatus,
  decideContact,
  listContacts,
  setTrustPolicy,
  showContact,
} from '../../control/end-to-end-methods.ts';
import { english } from '../../endtoend/contact/words/english.ts';
import { processOutput } from '../output.ts';
import { contactDetail, contactLines, nextSteps } from './contact-text.ts';
import { atDesk, readJid, type DeskFlags } from './remote-desk.ts';

/** Runs `simpp contacts`. */
export async function showContacts(flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    const { contacts } = await desk.call(listContacts);
    output.result({ account: desk.account, contacts });
    if (contacts.length === 0) output.say(english.noContacts);
    else for (const line of contactLines(contacts, Date.now(), process.stdout.columns)) output.say(line);
  });
}

/** Runs `simpp trust show`. */
export async function showTrust(contact: string, flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const jid = readJid(contact);
  await atDesk(flags, async (desk) => {
    const facts = await desk.call(showContact, { jid });
    output.result({ account: desk.account, ...facts });
    for (const line of [...contactDetail(facts, Date.now()), ...nextSteps(facts)]) output.say(line);
  });
}

/** Runs `simpp trust accept`, `refuse` and `reset`. */
export async function decide(
  contact: string,
  decision: 'accept' | 'refuse' | 'reset',
  flags: DeskFlags,
): Promise<void> {
  const output = processOutput(flags.json === true);
  const jid = readJid(contact);
  await atDesk(flags, async (desk) => {
    const facts = await desk.call(decideContact, { jid, decision });
    output.result({ account: desk.account, ...facts });
    output.say(decided[decision](facts.jid, english.trust[facts.trust]));
  });
}

const decided = {
  accept: (jid, trust) => `Taken: the key of ${jid} is now "${trust}".`,
  refuse: (jid) => `Nothing is sent to ${jid} any more. To undo it: simpp trust accept ${jid}`,
  reset: (jid) => `What was known of ${jid} is forgotten. The next key counts as the first.`,
} as const satisfies Record<string, (jid: string, trust: string) => string>;

/** Runs `simpp trust policy`. */
export async function trustPolicy(policy: 'blind' | 'manual' | undefined, flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    if (policy !== undefined) await desk.call(setTrustPolicy, { policy });
    const current = policy ?? (await desk.call(deskStatus)).trustPolicy;
    output.result({ account: desk.account, trustPolicy: current });
    output.say(`${desk.account}: ${english.trustPolicy[current]} (${current}).`);
  });
}
