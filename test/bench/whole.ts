// What every measurement must be, for its tests.
import assert from 'node:assert/strict';

import type { Measurement } from './measurement.ts';
import { formatMeasurement } from './report.ts';

/** How long things took is no test's matter: only that each figure is one, and what it holds is said. */
export function assertWhole(measurement: Measurement): void {
  for (const { name, unit, counted, spread } of measurement.rows) {
    assert.ok(spread.median > 0 && Number.isFinite(spread.median), name);
    assert.ok(unit !== '' && counted !== '', name);
    assert.ok(formatMeasurement(measurement).includes(name));
  }
}
