// `simpp accounts` while a proxy runs: what it shows, and that what is removed
// is gone, for the clients that are connected too.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { needs } from '../../run/needs.ts';
import { runSimpp, simppJson } from '../support/simpp.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain, worldOfSuite } from '../support/world.ts';

interface Listed {
  readonly name: string;
  readonly state: string;
  readonly [more: string]: unknown;
}

describe('13 simpp accounts', function () {
  needs('prosody', 'slixmpp');
  this.timeout(120_000);
  const world = worldOfSuite({ setUp: [alice, 'domain'] });

  const list = async (): Promise<Listed[]> => (await simppJson(world().proxy.home, 'accounts'))['accounts'] as Listed[];
  const summary = (rows: Listed[]): unknown[] => rows.map(({ name, state, through }) => [name, state, through]);

  it('shows what was set up, then who has logged in, how and when', async () => {
    const { login } = world();
    assert.deepEqual(summary(await list()), [
      [alice.jid, 'unenrolled', undefined],
      [domain, 'guest', undefined],
    ]);
    await using first = await SlixmppClient.login({ ...login(alice), mechanism: 'PLAIN', plainInClear: true });
    await using second = await SlixmppClient.login(login(bob));
    assert.ok((await first.ping()) >= 0 && (await second.ping()) >= 0);
    const rows = await list();
    assert.deepEqual(summary(rows), [
      [alice.jid, 'enrolled', undefined],
      [domain, 'guest', undefined],
      [bob.jid, 'enrolled', domain],
    ]);
    for (const row of [rows[0], rows[2]]) {
      assert.match(String(row?.['device']), /^[0-9a-f]{32}$/);
      assert.match(String(row?.['fingerprint']), /^(\d{5} ){11}\d{5}$/);
      assert.ok(Math.abs(Date.parse(String(row?.['lastLogin'])) - Date.now()) < 60_000);
    }
    assert.deepEqual([rows[0]?.['hasPassword'], rows[2]?.['hasPassword']], [true, false]);
  });

  it('shows no secret, in no form', async () => {
    const { home } = world().proxy;
    const shown = await Promise.all([
      runSimpp(home, 'accounts'),
      runSimpp(home, 'accounts', '--json'),
      runSimpp(home, 'accounts', 'show', alice.jid),
      runSimpp(home, 'accounts', 'show', alice.jid, '--json'),
    ]);
    const secrets = [
      alice.password,
      Buffer.from(alice.password).toString('base64'),
      Buffer.from(alice.password).toString('hex'),
    ];
    for (const { code, stdout, stderr } of shown) {
      assert.equal(code, 0, stderr);
      const text = [...stdout, stderr].join('\n');
      for (const secret of secrets) assert.ok(!text.includes(secret));
    }
  });

  it('stores another password, which the proxy takes at once', async () => {
    const { home } = world().proxy;
    const other = join(home.path, 'other-password');
    await writeFile(other, 'another one\n', { mode: 0o600 });
    await simppJson(home, 'accounts', 'password', alice.jid, '--password-file', other);
    const doctor = await runSimpp(home, 'doctor', alice.jid, '--login', '--json');
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout.at(-1) ?? '', /refused the login/);
    await writeFile(other, `${alice.password}\n`);
    await simppJson(home, 'accounts', 'password', alice.jid, '--password-file', other);
    await using client = await SlixmppClient.login(world().login(alice));
    assert.ok((await client.ping()) >= 0);
  });

  it('refuses what it does not know, and to remove anything that nobody has confirmed', async () => {
    const { home } = world().proxy;
    const [unknown, unconfirmed, ofDomain] = await Promise.all([
      runSimpp(home, 'accounts', 'show', 'nobody@example.test', '--json'),
      runSimpp(home, 'accounts', 'remove', alice.jid, '--json'),
      runSimpp(home, 'accounts', 'password', domain, '--password-file', '-', '--json'),
    ]);
    assert.deepEqual([unknown.code, unconfirmed.code, ofDomain.code], [78, 64, 64]);
    assert.equal((await list()).length, 3);
  });

  it('removes a domain with the accounts that came through it, and ends their connections, not those of others', async () => {
    const { proxy, login } = world();
    await using stays = await SlixmppClient.login(login(alice));
    await using goes = await SlixmppClient.login(login(bob));
    const { removed } = await simppJson(proxy.home, 'accounts', 'remove', domain, '--yes');
    assert.deepEqual(removed, [domain, bob.jid]);
    await goes.event('disconnected');
    assert.ok((await stays.ping()) >= 0);
    assert.deepEqual(summary(await list()), [[alice.jid, 'enrolled', undefined]]);
  });

  it('leaves a running proxy that serves nobody when the last one is removed', async () => {
    const { proxy, login } = world();
    await simppJson(proxy.home, 'accounts', 'remove', alice.jid, '--yes');
    assert.deepEqual(readdirSync(join(proxy.home.path, 'accounts')), []);
    assert.deepEqual(await list(), []);
    await using client = SlixmppClient.connect(login(alice));
    await client.events.take(({ event }) => event === 'stream-error' || event === 'disconnected', 'the refusal');
    assert.ok(existsSync(join(proxy.home.path, 'proxy.sock')));
  });
});
