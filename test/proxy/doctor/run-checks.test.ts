import assert from 'node:assert/strict';
import { findings } from '../../../proxy/doctor/finding.ts';
import { runSections, type Check } from '../../../proxy/doctor/run-checks.ts';
import { SimppError } from '../../../shared/errors.ts';

const fine: Check = { name: 'node', run: () => [findings('node').ok('fine')] };

describe('the checks of simpp doctor', () => {
  it('are reported in their order, whichever ends first', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: Check = { name: 'clock', run: () => promise.then(() => [findings('clock').ok('late')]) };
    const last: Check = { name: 'config', run: () => (resolve(), []) };
    const [report] = await runSections([{ title: 'one', checks: [slow, fine, last] }]);
    assert.deepEqual(
      report?.findings.map(({ text }) => text),
      ['late', 'fine'],
    );
  });

  it('hold nobody up: one that hangs is said so and told to stop', async () => {
    let wasTold = false;
    const hangs: Check = {
      name: 'address',
      run: (signal) => new Promise(() => signal.addEventListener('abort', () => (wasTold = true))),
    };
    const [report] = await runSections([{ title: 'one', checks: [hangs, fine] }], 20);
    assert.deepEqual(
      report?.findings.map(({ check, verdict }) => [check, verdict]),
      [
        ['address', 'warning'],
        ['node', 'ok'],
      ],
    );
    assert.ok(wasTold);
  });

  it('are problems themselves when they fail', async () => {
    const fails: Check = {
      name: 'server',
      run: () => {
        throw new SimppError('too-large', 'The server sent too much.');
      },
    };
    const [report] = await runSections([{ title: 'one', checks: [fails, fine] }]);
    assert.deepEqual(report?.findings[0]?.text, 'The server sent too much.');
    assert.deepEqual(report?.findings[0]?.verdict, 'problem');
    assert.equal(report?.findings.length, 2);
  });
});
