import assert from 'node:assert/strict';
import { checkEndToEnd } from '../../../proxy/doctor/end-to-end.ts';
import type { StatusFacts } from '../../../proxy/endtoend/desk.ts';
import type { Setup } from '../../../proxy/options.ts';
import { PersonDesk } from '../endtoend/contact/person-desk.ts';

const setup: Setup = { kind: 'jid', jid: 'alice@example.test', mode: 'direct', tls: 'starttls' };
const domain: Setup = { kind: 'domain', domain: 'example.test', mode: 'direct', tls: 'starttls' };
const fine: StatusFacts = { ...new PersonDesk().status(), recovery: 'shown' };

describe('the doctor on end-to-end encryption', () => {
  it('has nothing to mend where nothing waits', () => {
    assert.deepEqual(
      checkEndToEnd(setup, [fine]).map(({ verdict }) => verdict),
      ['ok'],
    );
  });

  it('warns of a device that waits for approval, with its code', () => {
    const [finding, ...rest] = checkEndToEnd(setup, [{ ...fine, deviceState: 'waiting', code: '7Q3F-K2MZ-9XAB' }]);
    assert.deepEqual([finding?.verdict, rest], ['warning', []]);
    assert.match(finding?.mend ?? '', /^simpp devices approve 7Q3F-K2MZ-9XAB /);
  });

  it('warns of a recovery phrase that nobody has seen, and of nothing once it was', () => {
    const [finding] = checkEndToEnd(setup, [{ ...fine, recovery: 'unseen' }]);
    assert.equal(finding?.mend, 'simpp recovery show --account alice@example.test');
    assert.equal(checkEndToEnd(setup, [{ ...fine, recovery: 'gone' }])[0]?.verdict, 'ok');
  });

  it('passes alarms on, and says whose where a domain has several', () => {
    const alarmed = { ...fine, alarms: ['bob@example.test: another key.'] };
    assert.equal(checkEndToEnd(setup, [alarmed])[0]?.text, 'bob@example.test: another key.');
    const all = checkEndToEnd(domain, [alarmed, { ...fine, jid: 'carol@example.test' }]);
    assert.deepEqual(
      all.map(({ text }) => text),
      ['alice@example.test: bob@example.test: another key.'],
    );
  });

  it('looks at the accounts of the set-up only', () => {
    assert.deepEqual(checkEndToEnd(setup, [{ ...fine, jid: 'bob@example.test' }]), []);
    assert.deepEqual(checkEndToEnd(setup, []), []);
  });
});
