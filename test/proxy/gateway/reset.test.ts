import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import type { DirectoryStore, Registration } from '../../../proxy/gateway/directory/directory.ts';
import { objectionSeconds, openSeconds, resetAccount } from '../../../proxy/gateway/reset.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { jid, registration } from './registrations.ts';

describe('a reset without the old key', () => {
  const folder = temporaryFolder();
  const start = 1_800_000_000;
  let directory: DirectoryStore;
  let first: Registration;
  beforeEach(async () => {
    directory = await openSqliteDirectory(join(folder(), `directory-${Math.random()}.db`));
    first = registration({ at: start });
    await directory.register(first);
  });
  afterEach(() => directory.close());

  const tryAt = (at: number) => directory.register(registration({ at }));
  const publishAt = (at: number) =>
    directory.keys.publish({
      jid,
      agreementKey: first.device.agreementKey,
      list: undefined,
      rollover: undefined,
      prekey: undefined,
      tombstone: undefined,
      at,
    });

  it('with --now lets the next other account key take the JID at once, and only that one', async () => {
    assert.equal((await resetAccount(directory, jid, 'now', start)).kind, 'allowed');
    const next = registration({ at: start });
    assert.equal(await directory.register(next), 'registered');
    assert.deepEqual((await directory.account(jid))?.accountKey, next.accountKey);
    assert.equal(await tryAt(start + 1), 'pending');
    assert.deepEqual((await directory.account(jid))?.accountKey, next.accountKey);
  });

  it('leaves the old devices to ask for approval like new ones', async () => {
    await resetAccount(directory, jid, 'now', start);
    await directory.register(registration({ at: start }));
    assert.equal(await directory.deviceByAgreementKey(first.device.agreementKey), undefined);
    assert.equal(await directory.register(first), 'pending');
    assert.equal((await directory.deviceByAgreementKey(first.device.agreementKey))?.status, 'pending');
  });

  it('without --now waits 72 hours, then lets the next key in, for seven days', async () => {
    assert.deepEqual(await resetAccount(directory, jid, 'wait', start), {
      kind: 'allowed',
      dueAt: start + objectionSeconds,
      expiresAt: start + objectionSeconds + openSeconds,
    });
    assert.equal(await tryAt(start + objectionSeconds - 1), 'pending');
    assert.equal(await tryAt(start + objectionSeconds + openSeconds), 'pending');
    assert.equal(await tryAt(start + objectionSeconds), 'registered');
  });

  it('is ended by a device that publishes, without --now only', async () => {
    await resetAccount(directory, jid, 'wait', start);
    assert.equal((await publishAt(start + 10)).outcome, 'taken');
    assert.equal(await tryAt(start + objectionSeconds), 'pending');
    await resetAccount(directory, jid, 'now', start);
    assert.equal((await publishAt(start + 10)).outcome, 'taken');
    assert.equal(await tryAt(start + 20), 'registered');
  });

  it('is not ended by a device that waits for approval', async () => {
    const waiting = registration({ at: start });
    await directory.register(waiting);
    await resetAccount(directory, jid, 'wait', start);
    const { outcome } = await directory.keys.publish({
      jid,
      agreementKey: waiting.device.agreementKey,
      list: undefined,
      rollover: undefined,
      prekey: undefined,
      tombstone: undefined,
      at: start,
    });
    assert.equal(outcome, 'refused');
    assert.equal(await tryAt(start + objectionSeconds), 'registered');
  });

  it('can be cancelled, and is not there for a JID that the directory does not have', async () => {
    await resetAccount(directory, jid, 'now', start);
    assert.deepEqual(await resetAccount(directory, jid, 'cancel', start), { kind: 'cancelled', had: true });
    assert.deepEqual(await resetAccount(directory, jid, 'cancel', start), { kind: 'cancelled', had: false });
    assert.equal(await tryAt(start), 'pending');
    assert.deepEqual(await resetAccount(directory, 'nobody@example.test', 'now', start), { kind: 'unknown' });
  });
});
