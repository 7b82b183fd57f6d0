// The clients of the topologies, each behind the same few verbs.
import type { NeedName } from '../../run/needs.ts';
import { Finch } from '../support/finch.ts';
import { Gajim } from '../support/gajim.ts';
import { GoSendxmpp } from '../support/go-sendxmpp.ts';
import { Pidgin } from '../support/pidgin.ts';
import { Poezio } from '../support/poezio.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import type { Talker, TalkerLogin } from '../support/talker.ts';
import { TypedProfanity } from '../support/typed-profanity.ts';
import type { Topology } from './table.ts';

type ClientName = Topology['client'];

export const clientNeeds = [
  'finch',
  'gajim',
  'go-sendxmpp',
  'pidgin',
  'poezio',
  'profanity',
  'slixmpp',
] as const satisfies NeedName[];

async function slixmpp({ jid, resource, secure: _secure, ...login }: TalkerLogin): Promise<Talker> {
  const client = await SlixmppClient.login({ ...login, jid: `${jid}/${resource}` });
  return {
    hear: (_from, body) => client.hear(body),
    shows: async () => client.log,
    say: async (to, body) => client.say(to, body),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Starts the client and lets it log in. */
export const clients: Readonly<Record<ClientName, (login: TalkerLogin) => Promise<Talker>>> = {
  finch: (login) => Finch.login(login),
  gajim: (login) => Gajim.login(login),
  'go-sendxmpp': (login) => GoSendxmpp.login(login),
  pidgin: (login) => Pidgin.login(login),
  poezio: (login) => Poezio.login(login),
  profanity: (login) => TypedProfanity.login(login),
  slixmpp,
};
