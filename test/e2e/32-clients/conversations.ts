// Real clients that know nothing of encryption, two by two, with the settings of
// their pages in docs/guide: they understand each other, and the server neither
// sees nor keeps a word.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { clientNeeds, clients } from '../20-topologies/clients.ts';
import { openPair, type Pair } from '../31-encrypted/pair.ts';
import { keepSecret } from '../support/evidence.ts';
import { freePort } from '../support/free-port.ts';
import { heldByServer } from '../support/held-by-server.ts';
import { logInRaw } from '../support/raw-session.ts';
import { loginAt, type Account } from '../support/proxy-side.ts';
import { simppJson } from '../support/simpp.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import type { Talker, TalkerLogin } from '../support/talker.ts';
import { untilFound } from '../support/virtual-contact.ts';
import { alice, bob, carol, mallory } from '../support/world.ts';
import { conversations, groupsOf, type Conversation } from './table.ts';

/** Who talks in the rows of a group: the first of each at the first machine. */
const people = [
  [alice, bob],
  [carol, mallory],
] as const;

/** Of the slowest client on a busy machine. */
const loginTimeoutMs = 30_000;

/** Where the clients that want TLS find it, by machine. */
const securePorts = [await freePort(), await freePort()];

/** The rows of the table at one server. */
export function describeConversations(server: Conversation['at']): void {
  describe(`32 encrypted clients at ${server}`, function () {
    needs('prosody', 'ejabberd', ...clientNeeds);
    this.timeout(60_000);

    describeGroups(conversations.filter(({ at }) => at === server));
  });
}

function describeGroups(rows: readonly Conversation[]): void {
  for (const group of groupsOf(rows)) {
    const [{ at, way } = rows[0]!] = group;
    describe(way, () => {
      let pair: Pair | undefined;
      before('opens two machines', async () => {
        pair = await openPair({
          way,
          at,
          people: [people.map(([one]) => one), people.map(([, other]) => other)],
          setUpFlags: (machine) => ['--listen-starttls', `127.0.0.1:${securePorts[machine]}`],
        });
      });
      after('ends them', () => pair?.[Symbol.asyncDispose]());

      for (const [row, { first, second }] of group.entries()) {
        it(`${first} with ${second}`, async () => {
          assert.ok(pair);
          const [one, other] = people[row]!;
          await befriend(pair, one, other);
          await using left = await online(pair, first, await loginOf(pair, 0, one, first));
          await using right = await online(pair, second, await loginOf(pair, 1, other, second));
          await talk({ talker: left, jid: one.jid }, { talker: right, jid: other.jid }, group[row]!);
        });
      }

      it('say nothing that the server sees or keeps, and a message in clear is found there', async () => {
        assert.ok(pair);
        const words = group.flatMap(({ first, second }) => [...saidBy(first), ...saidBy(second)]);
        const held = await heldByServer(pair, people.flat());
        for (const place of ['files', 'archives', 'wire'] as const) {
          assert.deepEqual(overheard(held[place], words), [], place);
          assert.deepEqual(overheard(held[place], ['urn:simpp:e2e:2']), ['urn:simpp:e2e:2'], place);
        }
        // The control: the same search finds what is said past the proxies.
        const clear = 'Kuchen im Klartext';
        await using careless = await logInRaw(loginAt(pair.atServer, alice));
        careless.write(`<message to='${alice.jid}' type='chat' id='clear'><body>${clear}</body></message>`);
        await careless.hear(clear);
        const then = await heldByServer(pair, people.flat());
        for (const place of ['files', 'archives', 'wire'] as const) {
          assert.deepEqual(overheard(then[place], [clear]), [clear], place);
        }
      });
    });
  }
}

interface Side {
  readonly talker: Talker;
  readonly jid: string;
}

/** Desktop clients are typed into by xdotool, which has no key for an emoji. */
const withoutEmoji: readonly string[] = ['gajim', 'pidgin'];

function textOf(client: string): string {
  // Short enough for one line of the narrowest window; a screen's umlauts are easily misread.
  return `Grüße aus ${client} an Zoë${withoutEmoji.includes(client) ? '' : ' 🐢'}`;
}

/** What to look for of it: letters of ASCII, for Prosody's files have others as numbers. */
function saidBy(client: string): string[] {
  return [`aus ${client} an Zo`];
}

async function talk(left: Side, right: Side, { first, second }: Conversation): Promise<void> {
  try {
    keepSecret('body', textOf(first));
    keepSecret('body', textOf(second));
    await left.talker.say(right.jid, textOf(first));
    await right.talker.hear(left.jid, textOf(first));
    await right.talker.say(left.jid, textOf(second));
    await left.talker.hear(right.jid, textOf(second));
  } catch (cause) {
    const shown = await Promise.all([left.talker.shows(), right.talker.shows()]);
    throw new Error(`${String(cause)}\n${first} shows:\n${shown[0].trim()}\n${second} shows:\n${shown[1].trim()}`, {
      cause,
    });
  }
}

async function loginOf(pair: Pair, machine: number, account: Account, resource: string): Promise<TalkerLogin> {
  // A command takes a second, and only this client has no way in clear.
  const isSecure = resource === 'go-sendxmpp';
  const { pem } = isSecure ? await simppJson(pair.proxies[machine]!.home, 'cert', 'export') : { pem: '' };
  const secure = { kind: 'STARTTLS', port: securePorts[machine]!, authority: String(pem) } as const;
  return { ...pair.login(machine, account), resource, secure };
}

/** Starts it, and waits until the server knows that it is there: other resources of the account are told. */
async function online(pair: Pair, client: Conversation['second'], login: TalkerLogin): Promise<Talker> {
  await using watcher = await logInRaw(loginAt(pair.server, login));
  // Messages are not for this one.
  watcher.write('<presence><priority>-1</priority></presence>');
  await using stack = new AsyncDisposableStack();
  const talker = stack.use(await clients[client](login));
  await watcher.hear(new RegExp(`<presence [^>]*from=['"]${login.jid}/${client}`), loginTimeoutMs);
  stack.move();
  return talker;
}

/** Both slixmpps agree to each other's subscription by themselves, as friends have long done. */
async function befriend(pair: Pair, one: Account, other: Account): Promise<void> {
  await using left = await SlixmppClient.login(pair.login(0, one));
  await using right = await SlixmppClient.login(pair.login(1, other));
  left.command({ do: 'subscribe', to: other.jid });
  await left.events.take(
    ({ event, from }) => event === 'presence' && String(from).startsWith(`${other.jid}/`),
    'a friend',
  );
  await right.events.take(
    ({ event, from }) => event === 'presence' && String(from).startsWith(`${one.jid}/`),
    'a friend',
  );
  await untilFound(left, other.jid);
  await untilFound(right, one.jid);
  await left.logout();
  await right.logout();
}
