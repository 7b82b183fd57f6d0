import assert from 'node:assert/strict';
import { once } from 'node:events';
import { entryOutcomes, fetch, goodbyeReasons, oneTimeKeys, publish } from '../../../shared/simpp/control.ts';
import { KeyLimits } from '../../../proxy/gateway/key-directory/limits.ts';
import { Members, type Member } from '../../../proxy/gateway/key-directory/members.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { login, ping, SimppClient } from './simpp-client.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;

describe('a client that asks for keys without end', () => {
  needs('prosody');
  let prosody: Prosody;
  let world: World;
  before(async () => {
    prosody = await Prosody.start({ domain, accounts: [{ name: 'alice', password: 'wonderland' }] });
    world = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' });
  });
  after(async () => {
    await world?.[Symbol.asyncDispose]();
    await prosody?.[Symbol.asyncDispose]();
  });

  const connect = async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.register(newDevice(crypto, alice)));
    await login(client, 'alice', 'wonderland');
    return client;
  };

  it('is answered one by one, loses its channel when it does not wait, and nobody else notices', async () => {
    const [flood, other] = [await connect(), await connect()];
    for (let request = 0; request < 500; request++) {
      flood.socket.sendControl(fetch.encode({ request, jid: alice, oneTime: 1 }));
    }
    await flood.rest();
    assert.equal(goodbyeReasons[flood.control('Goodbye')!.reason], 'policy');
    assert.ok(flood.controls.filter(({ name }) => name === 'Entry').length <= 32);
    await ping(other, 'p1');
  });

  it('is told that it was too much, once it has asked some hundred times one after the other', async () => {
    const client = await connect();
    const outcomes: (string | undefined)[] = [];
    for (let request = 0; request < 700; request++) {
      client.socket.sendControl(fetch.encode({ request, jid: `nobody@${domain}`, oneTime: 0 }));
      await once(client.socket, 'control');
      outcomes.push(entryOutcomes[client.control('Entry')!.outcome]);
      if (outcomes.at(-1) === 'too-many') break;
    }
    assert.equal(outcomes.at(-1), 'too-many');
    assert.ok(outcomes.length > 200);
    await ping(client, 'p1');
  });

  it('can send nonsense in every message, as large as a record takes, and goes on', async () => {
    const client = await connect();
    const junk = () => crypto.randomBytes(4000);
    const whole = { list: junk(), rollover: junk(), certificates: [], prekey: junk(), tombstone: new Uint8Array(0) };
    client.socket.sendControl(publish.encode({ request: 1, ...whole }));
    await once(client.socket, 'control');
    client.socket.sendControl(oneTimeKeys.encode({ request: 2, keys: [junk(), junk(), junk(), junk()] }));
    await once(client.socket, 'control');
    assert.equal(client.controls.filter(({ name }) => name === 'Published').length, 2);
    assert.equal(client.control('Published')?.outcome, 1);
    await ping(client, 'p1');
  });
});

describe('the limits of the directory of keys', () => {
  it('refuse one-time keys to one asker after five, and to everybody after ten', () => {
    const limits = new KeyLimits(() => 0);
    const given = (asker: string, times: number): number =>
      Array.from({ length: times }, () => limits.admitsOneTimeKeys(asker, 'target')).filter(Boolean).length;
    assert.deepEqual([given('a', 9), given('b', 9), given('c', 9)], [5, 5, 0]);
  });

  it('let one asker have another one after five minutes, and a target ten a minute', () => {
    let nowMs = 0;
    const limits = new KeyLimits(() => nowMs);
    for (let at = 0; at < 6; at++) limits.admitsOneTimeKeys('a', 'target');
    nowMs = 299_000;
    assert.equal(limits.admitsOneTimeKeys('a', 'target'), false);
    nowMs = 301_000;
    assert.equal(limits.admitsOneTimeKeys('a', 'target'), true);
  });
});

describe('who is told of changes', () => {
  const member = (jid: string): Member & { readonly heard: string[] } => {
    const heard: string[] = [];
    return { jid, agreementKey: new Uint8Array(65), heard, changed: (each) => heard.push(each), end: () => undefined };
  };

  it('remembers the last 256 JIDs that a channel asked for, and nothing of one that has left', () => {
    const members = new Members();
    const one = member('one');
    members.join(one);
    for (let at = 0; at < 10_000; at++) members.watch(one, `contact${at}`);
    for (let at = 0; at < 10_000; at++) members.tell(`contact${at}`, true);
    assert.equal(one.heard.length, 256);
    assert.equal(one.heard.at(-1), 'contact9999');
    members.leave(one);
    members.watch(one, 'contact1');
    for (const jid of ['contact1', 'contact9999', 'one']) members.tell(jid, true);
    assert.equal(one.heard.length, 256);
  });

  it('tells of a device that waits its own account only', () => {
    const members = new Members();
    const [one, two] = [member('one'), member('two')];
    for (const each of [one, two]) members.join(each);
    members.watch(two, 'one');
    members.tell('one', false);
    assert.deepEqual([one.heard, two.heard], [['one'], []]);
    members.tell('one', true, one);
    assert.deepEqual([one.heard, two.heard], [['one'], ['one']]);
  });
});
