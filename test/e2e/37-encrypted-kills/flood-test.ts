// The test of a flood, short or long.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';

import { randomFrom } from '../../fuzz/random.ts';
import { allWell } from './books.ts';
import { flood } from './flood.ts';
import { keysOnWire } from './keys-on-wire.ts';
import { openKillStage, type KillStage } from './stage.ts';

export interface FloodTest {
  readonly messages: number;
  readonly kills: number;
  readonly timeoutMs: number;
}

const people = ['flora', 'fritz'] as const;

/** Declares it in the suite that calls this. */
export function floodTest({ messages, kills, timeoutMs }: FloodTest): void {
  const seed = Number(process.env['SIMPP_TEST_SEED'] ?? randomInt(2 ** 31));
  let stage: KillStage;

  before('everything runs', async function () {
    this.timeout(60_000);
    stage = await openKillStage(people);
  });
  after('everything ends', async () => await stage?.[Symbol.asyncDispose]());

  it(`${kills} kills in ${messages} messages: none lost, none doubled, none unreadable, no key twice (seed ${seed})`, async function () {
    this.timeout(timeoutMs);
    const { books, bounced } = await flood(stage, people, { messages, kills, random: randomFrom(seed) });
    assert.deepEqual(books, [allWell, allWell]);
    assert.deepEqual(bounced, []);
    const { wraps, reused } = keysOnWire(stage.atServer);
    assert.deepEqual(reused, []);
    assert.ok(wraps >= messages, `only ${wraps} wraps were seen`);
  });
}
