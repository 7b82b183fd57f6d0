// The party without anybody dishonest: what the other tests stand on.
import assert from 'node:assert/strict';
import { alice, bob, goesOn, partyOfTest, say } from './party.ts';

describe('people on machines of their own, with an honest server', () => {
  const party = partyOfTest();

  it('talk, and the directory and the server see no word of it', async () => {
    const [a, b] = [await party().open(alice), await party().open(bob)];
    assert.equal((await say(a, b, 'hello')).shown, 'hello');
    await goesOn(b, a);
    assert.deepEqual([...a.told, ...b.told], []);
  });

  it('are read on every device that was approved, their own ones too', async () => {
    const [a, b] = [await party().open(alice), await party().open(bob)];
    const phone = await party().open(bob);
    assert.equal(phone.person.desk.status().deviceState, 'waiting');
    await b.person.desk.approveDevice(phone.deviceId);
    await phone.settled();
    assert.equal(phone.person.desk.status().deviceState, 'registered');
    const { wire } = await say(a, b, 'to both');
    assert.match((await phone.receive(wire)).join(''), /to both/);
  });
});
