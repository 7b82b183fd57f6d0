// `simpp policy`: what is sent when, of the account and of single contacts.
import { deskStatus, listContacts, setPolicy, showContact } from '../../control/end-to-end-methods.ts';
import { policies, type Policy } from '../../endtoend/desk.ts';
import { english } from '../../endtoend/contact/words/english.ts';
import { HintedError } from '../hint.ts';
import { processOutput, type Output } from '../output.ts';
import { atDesk, readJid, type DeskFlags, type RemoteDesk } from './remote-desk.ts';

/** What `simpp policy` can be told; `default` is back to what holds without it. */
type PolicyWord = Policy | 'default';

/** Runs the command: shows, or sets and shows. `who` is a contact or `default`, the account. */
export async function managePolicy(
  who: string | undefined,
  policy: PolicyWord | undefined,
  flags: DeskFlags,
): Promise<void> {
  const output = processOutput(flags.json === true);
  if (policies.some((word) => word === who)) {
    throw new HintedError(
      'usage',
      `Say for whom: ${who} of the account, or of one contact?`,
      `simpp policy default ${who}, or: simpp policy bob@example.org ${who}`,
    );
  }
  const jid = who === undefined || who === 'default' ? undefined : readJid(who);
  await atDesk(flags, async (desk) => {
    if (policy !== undefined) await desk.call(setPolicy, { policy, ...(jid === undefined ? {} : { jid }) });
    if (jid !== undefined) await sayOfContact(desk, jid, output);
    else await sayOfAccount(desk, output);
  });
}

async function sayOfContact(desk: RemoteDesk, jid: string, output: Output): Promise<void> {
  const { policy, isOwnPolicy } = await desk.call(showContact, { jid });
  output.result({ account: desk.account, jid, policy, isOwnPolicy });
  output.say(`${jid}: ${english.policy[policy]} (${policy}${isOwnPolicy ? '' : ', as for everybody'}).`);
}

async function sayOfAccount(desk: RemoteDesk, output: Output): Promise<void> {
  const [{ policy }, { contacts }] = await Promise.all([desk.call(deskStatus), desk.call(listContacts)]);
  const own = contacts.filter(({ isOwnPolicy }) => isOwnPolicy);
  output.result({ account: desk.account, policy, contacts: own.map((contact) => pick(contact)) });
  output.say(`${desk.account}: ${english.policy[policy]} (${policy}).`);
  if (own.length > 0) output.say('Other than that:');
  for (const contact of own) output.say(`  ${contact.jid}: ${english.policy[contact.policy]} (${contact.policy})`);
}

function pick({ jid, policy }: { readonly jid: string; readonly policy: Policy }): { jid: string; policy: Policy } {
  return { jid, policy };
}
