// Two people with two devices each: how a second one is let in, and what all four
// see of a conversation.
import assert from 'node:assert/strict';

import { recover, recoveryPhrase } from '../../../proxy/control/end-to-end-methods.ts';
import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { pairOfSuite, type Way } from '../31-encrypted/pair.ts';
import { keepSecret } from '../support/evidence.ts';
import { alice, bob } from '../support/world.ts';
import { atMachine } from './machine-desk.ts';
import { codeIn, PersonClient } from './person-client.ts';

for (const way of ['gateway', 'direct'] satisfies readonly Way[]) {
  describe(`35 devices, ${way}: two people with two devices each`, function () {
    needs('prosody', 'slixmpp');
    this.timeout(60_000);
    const pair = pairOfSuite({ way, people: [[alice], [alice], [bob], [bob]] });
    const enter = (machine: number, who: typeof alice): Promise<PersonClient> =>
      PersonClient.login(pair().login(machine, who));

    it('let a second device in when both show the same code', async () => {
      await using first = await enter(0, alice);
      await using second = await enter(1, alice);
      const onSecond = await second.ownCode();
      const onFirst = codeIn(
        way === 'gateway'
          ? await first.isTold(/A new device wants to be yours/)
          : await first.asks('devices', /It shows the code/),
      );
      assert.equal(onFirst, onSecond);
      await first.asks(`approve ${onFirst}`, /The device is approved/);
      await second.asks('devices', /in use · this one/);
      assert.doesNotMatch(await second.asks('status', /You are alice/), /waits/);
    });

    it('let a second device in by the recovery phrase', async () => {
      await using first = await enter(2, bob);
      await using second = await enter(3, bob);
      await second.asks('devices', /waits for approval · this one/);
      const { phrase = '' } = await atMachine(pair().proxies[2]!, recoveryPhrase, { account: bob.jid });
      keepSecret('recovery phrase', phrase);
      const status = await atMachine(pair().proxies[3]!, recover, { account: bob.jid, phrase });
      assert.equal(status.deviceState, 'registered');
      await first.asks('devices', /in use[^]*in use/);
    });

    it('see all of a conversation on all four, their own words included', async () => {
      await using stack = new AsyncDisposableStack();
      const all: PersonClient[] = [];
      for (const [machine, who] of [alice, alice, bob, bob].entries()) all.push(stack.use(await enter(machine, who)));
      for (const [at, speaker] of all.entries()) {
        const words = `the ${['plover', 'curlew', 'dunlin', 'avocet'][at]} has come back`;
        speaker.say(at < 2 ? bob.jid : alice.jid, words);
        await Promise.all(all.filter((each) => each !== speaker).map((each) => each.hears(words)));
      }
      assert.deepEqual(overheard(pair().atServer.captured(), ['plover', 'curlew', 'dunlin', 'avocet']), []);
    });
  });
}
