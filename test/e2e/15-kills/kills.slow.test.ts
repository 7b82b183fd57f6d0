// The kill test of the issue: twenty runs, every part, at every named point,
// early and late, some of them hit again while they recover.
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { killRun, points, victims, type Outcome, type Run, type Stage, type Victim } from './kill-run.ts';
import { openStage } from './stage.ts';

const names = Object.keys(victims) as Victim[];

/** Every victim at every point, and two more who die twice. */
const runs: readonly Run[] = [
  ...names.flatMap((victim, row) =>
    points.map((point, column) => ({ victim, point, at: 5 + 11 * ((row + column) % 6), twice: false })),
  ),
  { victim: 'the gateway is killed', point: 'sent', at: 40, twice: true },
  { victim: "the sender's wire is cut", point: 'received', at: 40, twice: true },
];

describe('15 kills, twenty runs', function () {
  needs('prosody');
  this.timeout(120_000);
  let stage: Stage & AsyncDisposable;
  const outcomes: Outcome[] = [];

  before('everything runs', async () => (stage = await openStage()));
  after('everything ends', async () => await stage?.[Symbol.asyncDispose]());

  for (const run of runs) {
    it(`${run.victim}${run.twice ? ', twice' : ''}, behind message ${run.at} ${run.point}`, async () => {
      const outcome = await killRun(stage, run);
      outcomes.push(outcome);
      const { lost, doubled, disordered, faults } = outcome;
      assert.deepEqual({ lost, doubled, disordered, faults }, { lost: [], doubled: [], disordered: [], faults: [] });
    });
  }

  it('twenty runs: 0 lost, 0 doubled', () => {
    assert.equal(outcomes.length, 20);
    const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
    assert.equal(
      sum(({ lost }) => lost.length),
      0,
    );
    assert.equal(
      sum(({ doubled }) => doubled.length),
      0,
    );
  });
});
