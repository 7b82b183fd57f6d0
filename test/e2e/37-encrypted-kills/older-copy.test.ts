// A machine is set back to yesterday's backup, its whole state folder with it: it
// notices, begins anew, says so, and seals nothing with a key that was used
// after the backup was made (docs/protocol.md §9.8).
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { ManagedClient } from '../support/managed-client.ts';
import type { ProxySide } from '../support/proxy-side.ts';
import { keysOnWire } from './keys-on-wire.ts';
import { meet } from './meet.ts';
import { openKillStage, person, type KillStage } from './stage.ts';

describe('37 encrypted: an older copy of the whole state folder', function () {
  needs('prosody');
  this.timeout(90_000);
  let stage: KillStage;
  let copy: string;

  before('everything runs', async () => {
    stage = await openKillStage(['olga', 'otto']);
    copy = await mkdtemp(join(tmpdir(), 'simpp-copy-'));
  });
  after('everything ends', async () => {
    await stage?.[Symbol.asyncDispose]();
    await rm(copy, { recursive: true, force: true });
  });

  it('is noticed, and messages flow again both ways in sessions of their own', async () => {
    const [machine, other] = stage.machines;
    const logins = [machine.login(person('olga')), other.login(person('otto'))] as const;
    await using theirs = await ManagedClient.login(logins[1]);
    const second = { client: theirs, login: logins[1] };
    {
      await using ours = await ManagedClient.login(logins[0]);
      const first = { client: ours, login: logins[0] };
      await meet(first, second, 'yesterday');
      await meet(second, first, 'yesterday-too');
      await backUp(machine, copy);
      await ours.online();
      for (let index = 0; index < 20; index++) {
        await meet(first, second, `today-${index}`);
        await meet(second, first, `today-too-${index}`);
      }
      await meet(first, second, 'last');
    }
    await machine.stop();
    await putBack(copy, machine);
    await machine.run();
    await using ours = await ManagedClient.login(logins[0]);
    const first = { client: ours, login: logins[0] };
    await eventually('the proxy says it', () => machine.role.log.includes('older copy'));
    await meet(first, second, 'again');
    await meet(second, first, 'again-too');
    const misread = [...ours.bodies, ...theirs.bodies].filter(([id, body]) => body !== id);
    assert.deepEqual(misread, []);
    const { wraps, reused } = keysOnWire(stage.atServer);
    assert.deepEqual(reused, []);
    assert.ok(wraps > 40, `only ${wraps} wraps were seen`);
  });
});

/** As an administrator does it: while nothing runs. */
async function backUp(machine: ProxySide, to: string): Promise<void> {
  await machine.stop();
  await cp(machine.home.path, to, { recursive: true });
  await machine.run();
}

async function putBack(from: string, { home }: ProxySide): Promise<void> {
  for (const name of await readdir(home.path)) await rm(join(home.path, name), { recursive: true });
  await cp(from, home.path, { recursive: true });
}
