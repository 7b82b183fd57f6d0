import assert from 'node:assert/strict';
import { crashAt } from '../../../proxy/cli/crash-at.ts';
import { crashPoints } from '../../../proxy/endtoend/crash-points.ts';

describe('SIMPP_CRASH_AT', () => {
  const deathsAt = (wanted: string | undefined): string[] => {
    const deaths: string[] = [];
    let now = '';
    const reached = crashAt(wanted, () => deaths.push(now));
    for (let round = 1; round <= 3; round++) {
      for (const point of crashPoints) {
        now = `${point} ${round}`;
        reached(point);
      }
    }
    return deaths;
  };

  it('kills at the named point, the first time or the nth', () => {
    assert.deepEqual(deathsAt('commit.before'), ['commit.before 1']);
    assert.deepEqual(deathsAt('commit.after:3'), ['commit.after 3']);
    assert.deepEqual(deathsAt('commit.after:4'), []);
  });

  it('does nothing when it is not set', () => {
    assert.deepEqual(deathsAt(undefined), []);
    assert.deepEqual(deathsAt(''), []);
  });

  it('is refused with the names of all points when it names none', () => {
    for (const wanted of ['commit', 'commit.before:0', 'commit.before:x', 'commit.before:1:2', ':1']) {
      assert.throws(() => crashAt(wanted), { code: 'usage', message: /commit\.before, commit\.after/ }, wanted);
    }
  });
});
