import assert from 'node:assert/strict';
import { statusLines } from '../../../proxy/cli/status-text.ts';
import type { ProxyRoleStatus } from '../../../proxy/control/methods.ts';
import { ownDigits, PersonDesk } from '../endtoend/contact/person-desk.ts';

const answer: ProxyRoleStatus = {
  role: 'proxy',
  version: '0.1.0',
  pid: 1,
  startedAt: '2026-11-24T15:17:00.000Z',
  uptimeSeconds: 1,
  listen: ['127.0.0.1:5222'],
  connections: { opening: 0, open: 0 },
  setups: [{ name: 'alice@example.test', kind: 'jid', mode: 'direct', connections: 0 }],
  counters: {},
};

describe('the status of a proxy', () => {
  it('has policy, fingerprint and alarms of each account with end-to-end encryption', () => {
    const desk = new PersonDesk();
    desk.alarms = ['A device of alice@example.test waits for your approval.'];
    const lines = statusLines({ ...answer, endToEnd: [desk.status()] });
    const from = lines.indexOf('End-to-end encryption:');
    assert.deepEqual(lines.slice(from), [
      'End-to-end encryption:',
      '  alice@example.test: encrypted when they can; 1 contact, 0 verified; 1 unsent',
      `    ${ownDigits}`,
      '    ! A device of alice@example.test waits for your approval.',
    ]);
  });

  it('says nothing of it where nobody has it, or where the proxy is of before', () => {
    for (const endToEnd of [[], undefined]) {
      const lines = statusLines(endToEnd === undefined ? answer : { ...answer, endToEnd });
      assert.equal(lines.includes('End-to-end encryption:'), false);
    }
  });
});
