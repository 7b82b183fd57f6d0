import assert from 'node:assert/strict';

import { interleave, ratios, spread, type Contender } from './blocks.ts';
import { Stopwatch, type Clock } from './stopwatch.ts';

/** A clock that only work moves. */
class FakeClock implements Clock {
  #micros = 0;

  cpuMicros(): number {
    return this.#micros;
  }

  wallMicros(): number {
    return this.#micros;
  }

  work(micros: number): void {
    this.#micros += micros;
  }
}

const tidy = async (): Promise<void> => undefined;

/** Blocks of ten operations that take `micros` and twice `micros` of the clock in their two parts. */
function worker(clock: FakeClock, name: string, micros: number, log: string[]): Contender {
  return {
    name,
    async block() {
      log.push(name);
      const watch = new Stopwatch(clock);
      for (let operation = 0; operation < 10; operation++) {
        await watch.time('first', () => clock.work(micros));
        clock.work(1000); // nobody's time
        await watch.time('second', () => clock.work(2 * micros));
      }
      return watch.perOperation(10);
    },
  };
}

describe('interleaved blocks', () => {
  it('run every contender once a round, after a round that does not count', async () => {
    const log: string[] = [];
    const clock = new FakeClock();
    const workers = [worker(clock, 'a', 3, log), worker(clock, 'b', 5, log)];
    const results = await interleave(workers, { rounds: 4, random: () => 0.999, tidy });
    assert.equal(log.length, 2 * (1 + 4));
    assert.deepEqual(results.series('a', 'first'), [3, 3, 3, 3]);
    assert.deepEqual(results.series('b', 'second'), [10, 10, 10, 10]);
  });

  it('run in an order that each round draws anew, each after tidying up', async () => {
    const log: string[] = [];
    const clock = new FakeClock();
    const draws = [0, 0.999, 0, 0.999];
    const workers = [worker(clock, 'a', 1, log), worker(clock, 'b', 1, log)];
    const random = (): number => draws.shift() ?? 0;
    await interleave(workers, { rounds: 4, random, tidy: async () => void log.push('.') });
    assert.equal(log.join(''), 'ab.b.a.a.b.b.a.a.b');
  });

  it('give every part its own time and none of what ran between', async () => {
    const clock = new FakeClock();
    const watch = new Stopwatch(clock);
    await watch.time('waiting', async () => {
      await Promise.resolve();
      clock.work(7);
    });
    clock.work(100);
    assert.equal(await watch.time('waiting', () => 'result'), 'result');
    assert.deepEqual(watch.perOperation(1), { waiting: 7 });
  });

  it('refuse a figure or a contender that was not measured, and two of one name', async () => {
    const clock = new FakeClock();
    const a = worker(clock, 'a', 1, []);
    const results = await interleave([a], { rounds: 1, random: () => 0, tidy });
    assert.throws(() => results.series('b', 'first'), /no contender b/);
    assert.throws(() => results.series('a', 'third'), /no figure third/);
    await assert.rejects(interleave([a, a], { rounds: 1, random: () => 0, tidy }), /one name/);
  });
});

describe('median and quartiles', () => {
  it('are values of the middle and of the quarters, between neighbours where there is none', () => {
    assert.deepEqual(spread([5, 1, 4, 2, 3]), { lowerQuartile: 2, median: 3, upperQuartile: 4 });
    assert.deepEqual(spread([4, 1, 2, 3]), { lowerQuartile: 1.75, median: 2.5, upperQuartile: 3.25 });
    assert.deepEqual(spread([7]), { lowerQuartile: 7, median: 7, upperQuartile: 7 });
    assert.throws(() => spread([]));
  });

  it('are taken of ratios within a round, so that a slow moment counts on both sides', () => {
    // The machine was ten times slower in the second round.
    assert.deepEqual(spread(ratios([4, 40, 4], [2, 20, 2])), { lowerQuartile: 2, median: 2, upperQuartile: 2 });
    assert.throws(() => ratios([1], [1, 2]));
  });
});
