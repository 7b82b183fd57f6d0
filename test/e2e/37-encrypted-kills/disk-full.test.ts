// The disk of one machine is full: what cannot be kept does not leave, in clear
// least of all, and is not acknowledged; with room again everything goes on
// (docs/protocol.md §9.8).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { ManagedClient } from '../support/managed-client.ts';
import { booksOf } from './books.ts';
import { keysOnWire } from './keys-on-wire.ts';
import { meet } from './meet.ts';
import { openKillStage, person, type KillStage } from './stage.ts';

describe('37 encrypted: a full disk (as root, who can make a small one)', function () {
  needs('prosody', 'unshare');
  this.timeout(90_000);
  let stage: KillStage;
  let folder: string | undefined;

  before('everything runs, one machine on a small disk', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    stage = await openKillStage(['fiona', 'felix']);
    const [machine] = stage.machines;
    await machine.stop();
    const aside = mkdtempSync(join(tmpdir(), 'simpp-aside-'));
    cpSync(machine.home.path, aside, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', machine.home.path]);
    folder = machine.home.path;
    cpSync(aside, folder, { recursive: true });
    rmSync(aside, { recursive: true });
    await machine.run();
  });
  after('everything ends', async () => {
    await stage?.machines[0].kill();
    if (folder !== undefined) execFileSync('umount', [folder]);
    await stage?.[Symbol.asyncDispose]();
  });

  it('refuses in words what it cannot keep, acknowledges nothing that it has not, and goes on with room again', async () => {
    const logins = [stage.machines[0].login(person('fiona')), stage.machines[1].login(person('felix'))] as const;
    await using theirs = await ManagedClient.login(logins[1]);
    await using ours = await ManagedClient.login(logins[0]);
    const [first, second] = [
      { client: ours, login: logins[0] },
      { client: theirs, login: logins[1] },
    ];
    await meet(first, second, 'room');
    await meet(second, first, 'room-too');

    const ballast = join(stage.machines[0].home.path, 'ballast');
    fill(ballast);
    const refused = Array.from({ length: 5 }, (_, index) => `refused-${index}`);
    for (const id of refused) ours.send(logins[1].jid, id);
    await eventually('the refusals', () => refused.every((id) => ours.bounced.includes(id)));
    assert.deepEqual(
      refused.filter((id) => theirs.bodies.has(id)),
      [],
    );
    const waiting = Array.from({ length: 5 }, (_, index) => `waiting-${index}`);
    for (const id of waiting) theirs.send(logins[0].jid, id);
    await eventually('an acknowledgement by the server', () => waiting.every((id) => theirs.acknowledged.has(id)));

    rmSync(ballast);
    await ours.online();
    await meet(first, second, 'again');
    await meet(second, first, 'again-too');
    // What was shown and could not be kept ends the stream, unacknowledged: the server brings it again, and it is shown again.
    const { lost, unreadable, faults } = await booksOf(second, first, waiting);
    assert.deepEqual({ lost, unreadable, faults }, { lost: [], unreadable: [], faults: [] });
    assert.deepEqual(overheard(stage.atServer.captured('up'), ['<body']), []);
    assert.deepEqual(keysOnWire(stage.atServer).reused, []);
  });
});

/** Takes all the room that there is. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [65_536, 512, 1]) {
      const block = new Uint8Array(size);
      try {
        while (writeSync(file, block) > 0);
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}
