import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { registration } from '../gateway/registrations.ts';
import { simpp, startSimpp } from './simpp.ts';

const jid = 'romeo@example.test';

describe('simpp gateway reset', function () {
  this.timeout(60_000);
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'simpp-reset-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  const fill = async (): Promise<void> => {
    const directory = await openSqliteDirectory(join(home, 'gateway.db'));
    await directory.register(registration({ jid }));
    await directory.close();
  };
  const state = async () => {
    const directory = await openSqliteDirectory(join(home, 'gateway.db'));
    const reset = await directory.keys.reset(jid);
    await directory.close();
    return reset;
  };

  it('works on the database where no gateway runs: after 72 hours, at once, and cancelled', async () => {
    await fill();
    const waiting = await simpp(['gateway', 'reset', 'ROMEO@example.test'], { home });
    assert.deepEqual([waiting.code, waiting.stderr], [0, '']);
    assert.match(waiting.stdout, /^From 20\d\d-\d\d-\d\d \d\d:\d\d UTC on, the next login of romeo@example\.test /);
    assert.equal((await state())?.canBeStopped, true);
    const now = await simpp(['gateway', 'reset', jid, '--now', '--json'], { home });
    assert.equal(now.json['kind'], 'allowed');
    assert.ok(Date.parse(String(now.json['expiresAt'])) > Date.parse(String(now.json['dueAt'])));
    assert.equal((await state())?.canBeStopped, false);
    const cancelled = await simpp(['gateway', 'reset', jid, '--cancel', '--json'], { home });
    assert.deepEqual(cancelled.json, { jid, kind: 'cancelled', had: true });
    assert.equal(await state(), undefined);
  });

  it('says that an address is not in the directory, and makes no database', async () => {
    const none = await simpp(['gateway', 'reset', jid], { home });
    assert.equal(none.code, 78);
    assert.match(none.stderr, /There is no .*gateway\.db/);
    await fill();
    const unknown = await simpp(['gateway', 'reset', 'nobody@example.test', '--now'], { home });
    assert.equal(unknown.code, 78);
    assert.match(unknown.stderr, /no keys of nobody@example\.test/);
    assert.equal((await simpp(['gateway', 'reset', 'example.test'], { home })).code, 65);
  });

  it('asks the gateway that runs', async () => {
    await fill();
    const init = ['gateway', 'init', '--domain', 'example.test', '--server', '127.0.0.1:1', '--listen', '127.0.0.1:0'];
    assert.equal((await simpp(init, { home })).code, 0);
    const gateway = await startSimpp(['gateway', 'run', '--json'], home);
    const { code, json } = await simpp(['gateway', 'reset', jid, '--now', '--json'], { home });
    assert.deepEqual([code, json['kind']], [0, 'allowed']);
    await gateway.end('SIGTERM');
    assert.equal((await state())?.canBeStopped, false);
  });
});
