// Each part dies once while messages flow (transparency.md §3.6, §3.7): what was
// acknowledged has arrived, exactly once and in order. The twenty runs at many
// points are in kills.slow.test.ts.
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { killRun, victims, type Stage, type Victim } from './kill-run.ts';
import { openStage } from './stage.ts';

describe('15 kills', function () {
  needs('prosody');
  this.timeout(90_000);
  let stage: Stage & AsyncDisposable;

  before('everything runs', async () => (stage = await openStage()));
  after('everything ends', async () => await stage?.[Symbol.asyncDispose]());

  for (const victim of Object.keys(victims) as Victim[]) {
    it(`${victim}: nothing acknowledged is lost, nothing comes twice`, async () => {
      const { lost, doubled, disordered, faults } = await killRun(stage, {
        victim,
        point: 'sent',
        at: 30,
        twice: false,
      });
      assert.deepEqual({ lost, doubled, disordered, faults }, { lost: [], doubled: [], disordered: [], faults: [] });
    });
  }
});
