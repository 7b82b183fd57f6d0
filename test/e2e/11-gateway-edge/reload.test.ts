// An administrator changes gateway.toml and renews the certificate while
// people talk: by the command, by SIGHUP, and with a slip in the file.
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { eventually } from '../support/eventually.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { runSimpp, simppJson } from '../support/simpp.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, domain } from '../support/world.ts';

describe('11 gateway edge: changes while it runs', function () {
  needs('prosody', 'slixmpp', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let authority: TestAuthority;
  let gateway: GatewaySide;
  let client: SlixmppClient;
  let toml: string;
  const certificate = (): string => join(gateway.home.path, 'own.crt');

  before('somebody is logged in', async () => {
    authority = stack.use(await TestAuthority.create());
    const server = stack.use(await Prosody.start({ domain, accounts: [alice] }));
    gateway = stack.use(await GatewaySide.create({ domain, server }));
    await renew('first.test');
    toml = join(gateway.home.path, 'gateway.toml');
    await change(/^# tls_cert =.*$/m, 'tls_cert = "own.crt"');
    await change(/^# tls_key =.*$/m, 'tls_key = "own.key"');
    await gateway.run();
    const machine = stack.use(await ProxySide.create());
    await machine.setUpAccount(alice, '--invite', gateway.invite);
    await machine.run();
    client = stack.use(await SlixmppClient.login(machine.login(alice)));
  });
  after(() => stack.disposeAsync());

  /** The files are renewed under their names, as ACME programs do. */
  async function renew(name: string): Promise<void> {
    const issued = await authority.issue([domain, name]);
    await cp(issued.certFile, certificate());
    await cp(issued.keyFile, join(gateway.home.path, 'own.key'));
  }

  async function change(what: RegExp, by: string): Promise<void> {
    const text = await readFile(toml, 'utf8');
    assert.match(text, what);
    await writeFile(toml, text.replace(what, by));
  }

  async function shownNames(): Promise<string> {
    await using looking = await RawClient.connectTls(gateway, { rejectUnauthorized: false });
    return looking.serverFingerprint;
  }

  it('are taken by "simpp gateway reload", which names what has to wait, and nobody is cut off', async () => {
    const before = await shownNames();
    await renew('second.test');
    await change(/^# max_connections = .*$/m, 'max_connections = 50');
    await change(/^guest = "allow"$/m, 'guest = "refuse"');
    await change(/^# level = .*$/m, 'level = "debug"');
    await change(/^listen = .*$/m, 'listen = ["127.0.0.1:1"]');
    const answer = await simppJson(gateway.home, 'gateway', 'reload');
    assert.deepEqual([...(answer['taken'] as string[])].toSorted(), [
      'certificate files',
      'guest',
      'limits.max_connections',
      'log.level',
    ]);
    assert.deepEqual(answer['notes'], [
      '"listen" in gateway.toml has changed; it counts after a restart of the gateway.',
    ]);
    assert.notEqual(await shownNames(), before);
    assert.ok((await client.ping()) >= 0);
    assert.equal((await gateway.connections()).simpp, 1);
    const status = await simppJson(gateway.home, 'status', 'gateway');
    assert.equal((status['gateway'] as Record<string, unknown>)['guest'], 'refuse');
  });

  it('are taken on SIGHUP', async () => {
    await change(/^plain_clients = .*$/m, 'plain_clients = "refuse"');
    process.kill(gateway.role.pid!, 'SIGHUP');
    await eventually('the log of the change', () => gateway.role.log.includes('"text":"taken: plain_clients"'));
    assert.match(gateway.role.log, /"level":"warn",[^\n]*\\"listen\\" in gateway\.toml has changed/);
    await using raw = await RawClient.connect(gateway);
    raw.write(header(domain));
    assert.doesNotMatch(await raw.hear('</stream:features>'), /starttls/);
    assert.ok((await client.ping()) >= 0);
  });

  it('are not taken from a file with mistakes, which are named with their lines', async () => {
    const good = await readFile(toml, 'utf8');
    await change(/^plain_clients = .*$/m, 'plain_clients = "splise"');
    const line = (await readFile(toml, 'utf8')).split('\n').indexOf('plain_clients = "splise"') + 1;
    const finished = await runSimpp(gateway.home, 'gateway', 'reload');
    assert.equal(finished.code, 78);
    assert.match(finished.stderr, new RegExp(`gateway\\.toml:${line}:1: plain_clients: .*did you mean "splice"`));
    process.kill(gateway.role.pid!, 'SIGHUP');
    await eventually('the log of the refusal', () => gateway.role.log.includes('"event":"configuration not taken"'));
    assert.match(gateway.role.log, new RegExp(`gateway\\.toml:${line}:1: plain_clients`));
    await using raw = await RawClient.connect(gateway);
    raw.write(header(domain));
    assert.doesNotMatch(await raw.hear('</stream:features>'), /starttls/, 'the old settings hold');
    await writeFile(toml, good);
  });

  it('are not taken with a certificate that is of no use', async () => {
    await change(/^plain_clients = .*$/m, 'plain_clients = "splice"');
    await simppJson(gateway.home, 'gateway', 'reload');
    const before = await shownNames();
    await writeFile(certificate(), 'not a certificate');
    const finished = await runSimpp(gateway.home, 'gateway', 'reload', '--json');
    assert.equal(finished.code, 78);
    assert.match(finished.stdout.join('\n'), /own\.crt/);
    assert.equal(await shownNames(), before);
    assert.ok((await client.ping()) >= 0);
  });
});
