import assert from 'node:assert/strict';

import { canMeasureProcesses, cpuFigure, cpuMicros, residentBytes, watchCpu } from './process-figures.ts';

describe('what a process has used', function () {
  before('needs /proc', function () {
    if (!canMeasureProcesses) this.skip();
  });

  it('is its CPU time since its start, about as the process itself has it', () => {
    const { user, system } = process.cpuUsage();
    const counted = cpuMicros(process.pid);
    // One account is of what ran, the other of what ran at a tick; and threads that have ended are in one only.
    assert.ok(counted > (user + system) / 2 && counted < (user + system) * 2);
  });

  it('is told by operation from a moment on', () => {
    const used = watchCpu({ bench: process.pid });
    let sum = 0;
    const begun = process.cpuUsage();
    while (process.cpuUsage(begun).user < 50_000) sum += Math.sqrt(sum + 1);
    assert.ok(used(10)[cpuFigure('bench')]! > 3000, String(sum));
  });

  it('is the memory that it holds, all in all', () => {
    const held = residentBytes(process.pid);
    const { rss } = process.memoryUsage();
    assert.ok(held > rss / 2 && held < rss * 2);
  });
});
