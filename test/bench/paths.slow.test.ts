import assert from 'node:assert/strict';

import { needs } from '../run/needs.ts';
import { measureFloods } from './floods.ts';
import { measureIdle } from './idle.ts';
import { measureRoundTrips } from './round-trips.ts';
import { assertWhole } from './whole.ts';

const once = { rounds: 1, random: Math.random, tidy: async () => undefined };

describe('the bench of paths', function () {
  needs('openssl', 'prosody', 'stunnel');
  this.timeout(120_000);
  const names = ['direct', 'stunnel pair', 'gateway, ended'] as const;

  it('measures how long a message takes there and back, on a session that stands and on a new one', async () => {
    const measurement = await measureRoundTrips(once, names);
    assertWhole(measurement);
    const found = measurement.rows.map(({ name }) => name);
    for (const kind of ['steady', 'first']) {
      for (const name of names) assert.ok(found.includes(`${kind}, ${name}`));
      assert.ok(found.includes(`${kind}, gateway, ended ÷ stunnel pair`));
    }
  });

  it('measures floods both ways, beside the direct one, and the CPU of each process by message', async () => {
    const measurement = await measureFloods(once, names);
    assertWhole(measurement);
    const found = measurement.rows.map(({ name }) => name);
    for (const direction of ['up', 'down']) {
      assert.ok(found.includes(`${direction}, gateway, ended ÷ direct`));
      for (const hop of ['proxy', 'gateway', 'Prosody'])
        assert.ok(found.includes(`${direction}, gateway, ended: ${hop}`));
      for (const hop of ['stunnel client', 'stunnel server']) {
        assert.ok(found.includes(`${direction}, stunnel pair: ${hop}`));
      }
    }
  });

  it('measures the memory of idle connections in each process', async () => {
    const plan = { names: ['stunnel pair', 'gateway, relayed'], few: 2, many: 12, quietMs: 1 } as const;
    const { rows } = await measureIdle(once, plan);
    const expected = ['stunnel pair: stunnel client', 'stunnel pair: stunnel server'];
    expected.push('gateway, relayed: proxy', 'gateway, relayed: gateway');
    assert.deepEqual(
      rows.map(({ name }) => name),
      expected,
    );
    for (const { unit, spread } of rows) assert.ok(unit === 'KiB' && Number.isFinite(spread.median));
  });
});
