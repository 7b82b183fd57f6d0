// Two people at two servers, one of them behind a gateway: their keys reach each
// other through PEP, and neither server nor the wire between them can read.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { historyOf } from './history.ts';
import { anna, bert, openTwoServers, type TwoServers } from './two-servers.ts';

const words = ['kingfisher', 'waterfall', 'lighthouse'];

describe('39 federation: people at two servers', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  let servers: TwoServers;
  before('opens two servers', async () => {
    servers = await openTwoServers();
  });
  after('ends them', async () => {
    await servers?.[Symbol.asyncDispose]();
  });

  it('talk encrypted both ways', async () => {
    await using annas = await SlixmppClient.login(servers.login(anna));
    await using berts = await SlixmppClient.login(servers.login(bert));
    annas.say(bert.jid, 'a kingfisher by the river');
    assert.equal((await berts.hear('a kingfisher by the river')).from.split('/')[0], anna.jid);
    berts.say(anna.jid, 'and a waterfall behind it');
    assert.equal((await annas.hear('and a waterfall behind it')).from.split('/')[0], bert.jid);
  });

  it('reach each other also while one of them is away', async () => {
    await using annas = await SlixmppClient.login(servers.login(anna));
    annas.say(bert.jid, 'the lighthouse is dark tonight');
    await annas.ping();
    await using berts = await SlixmppClient.login(servers.login(bert));
    await berts.hear('the lighthouse is dark tonight');
  });

  it('find their words in their histories, at both ends', async () => {
    for (const person of [anna, bert]) {
      assert.deepEqual(overheard(await historyOf(servers.login(person)), words), words, person.jid);
    }
  });

  it('leave no word on the wire between the servers, nor in either archive', async () => {
    const mark = ['urn:simpp:e2e:2'];
    assert.deepEqual(overheard(servers.betweenServers(), [...words, ...mark]), mark);
    for (const person of [anna, bert]) {
      const archived = await historyOf(servers.atServer(person));
      assert.deepEqual(overheard(archived, [...words, ...mark]), mark, person.jid);
    }
  });
});
