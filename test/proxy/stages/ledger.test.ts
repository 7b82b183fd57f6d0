import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ledger, type Outlook } from '../../../proxy/stages/ledger.ts';

/** The same, said as plainly as can be: a list of arrivals and one of departures. */
class Oracle {
  readonly arrivals: { isResolved: boolean; isDurable: boolean }[] = [];
  readonly departures: { owner: number | undefined; kept: Uint8Array | undefined; isConfirmed: boolean }[] = [];

  confirm(count: number): void {
    for (const each of this.departures.filter(({ isConfirmed }) => !isConfirmed).slice(0, count))
      each.isConfirmed = true;
  }

  #isSettled(number: number): boolean {
    const { isResolved, isDurable } = this.arrivals[number]!;
    return isResolved && isDurable && this.#of(number).every(({ isConfirmed }) => isConfirmed);
  }

  get settled(): number {
    const first = this.arrivals.findIndex((_, number) => !this.#isSettled(number));
    return first < 0 ? this.arrivals.length : first;
  }

  get outlook(): Outlook {
    const had = new Map<number, number>();
    for (let number = this.settled; number < this.arrivals.length; number++) {
      const count = this.#of(number).filter(({ isConfirmed }) => isConfirmed).length;
      if (this.#isSettled(number)) had.set(number, Infinity);
      else if (count > 0) had.set(number, count);
    }
    const kept = this.departures.flatMap(({ isConfirmed, kept }) => (isConfirmed ? [] : (kept ?? [])));
    return { settled: this.settled, had, kept };
  }

  get unconfirmed(): number {
    return this.departures.filter(({ isConfirmed }) => !isConfirmed).length;
  }

  #of(number: number): Oracle['departures'] {
    return this.departures.filter(({ owner }) => owner === number);
  }
}

const moves = fc.array(
  fc.record({
    do: fc.constantFrom('pass', 'arrive', 'leave', 'resolve', 'resolve late', 'endure', 'add', 'confirm', 'look'),
    which: fc.nat({ max: 7 }),
  }),
  { maxLength: 120, size: 'max' },
);

describe('a ledger', () => {
  it('settles a beginning of what arrived, of which all is resolved, durable and confirmed, and nothing else', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const [ledger, oracle] = [new Ledger(), new Oracle()];
        const open = (): number[] => oracle.arrivals.flatMap(({ isResolved }, number) => (isResolved ? [] : number));
        let settled = 0;
        for (const { do: what, which } of list) {
          const number = open()[which % Math.max(1, open().length)];
          const count = Math.min(which, oracle.unconfirmed);
          switch (what) {
            case 'pass':
              ledger.pass();
              oracle.departures.push({ owner: oracle.arrivals.length, kept: undefined, isConfirmed: false });
              oracle.arrivals.push({ isResolved: true, isDurable: true });
              break;
            case 'arrive':
              assert.equal(ledger.arrive(), oracle.arrivals.length);
              oracle.arrivals.push({ isResolved: false, isDurable: false });
              break;
            case 'leave':
              if (number === undefined) break;
              ledger.leave(number);
              oracle.departures.push({ owner: number, kept: undefined, isConfirmed: false });
              break;
            case 'resolve':
            case 'resolve late':
              if (number === undefined) break;
              ledger.resolve(number, what === 'resolve');
              oracle.arrivals[number]!.isResolved = true;
              oracle.arrivals[number]!.isDurable ||= what === 'resolve';
              break;
            case 'endure': {
              const late = oracle.arrivals.findIndex(({ isResolved, isDurable }) => isResolved && !isDurable);
              if (late < 0) break;
              ledger.endure(late);
              oracle.arrivals[late]!.isDurable = true;
              break;
            }
            case 'add': {
              const kept = which % 2 === 0 ? new Uint8Array([which]) : undefined;
              ledger.leaveUnowned(kept);
              oracle.departures.push({ owner: undefined, kept, isConfirmed: false });
              break;
            }
            case 'confirm':
              ledger.confirm(count);
              oracle.confirm(count);
              break;
            case 'look': {
              const outlook = ledger.outlook(count);
              const copy = new Oracle();
              copy.arrivals.push(...oracle.arrivals);
              copy.departures.push(...oracle.departures.map((each) => ({ ...each })));
              copy.confirm(count);
              assert.deepEqual(outlook, copy.outlook);
            }
          }
          settled += ledger.settle();
          assert.equal(settled, oracle.settled);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes no confirmation of what has not left', () => {
    const ledger = new Ledger();
    ledger.pass();
    ledger.confirm(1);
    assert.throws(() => ledger.confirm(1), /More was confirmed/);
    assert.equal(ledger.outlook(1), undefined);
  });
});
