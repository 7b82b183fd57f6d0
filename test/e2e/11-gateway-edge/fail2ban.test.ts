// The filter of docs/operate/fail2ban.md on the log of a gateway at which real
// logins have failed: fail2ban finds each of them, with the address that it
// came from, and nothing that a client can choose is taken for another one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain, inviteVia } from '../support/world.ts';
import { fromAddress } from './from-address.ts';
import { firstLinesOf } from './page.ts';

const run = promisify(execFile);
const elsewhere = '127.0.0.2';

describe('11 gateway edge: fail2ban', function () {
  needs('prosody', 'slixmpp', 'fail2ban');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let folder: string;
  let filter: string;
  let log: string;

  before('logins fail', async () => {
    folder = await mkdtemp(join(tmpdir(), 'simpp-fail2ban-'));
    stack.defer(() => rm(folder, { recursive: true }));
    filter = join(folder, 'simpp-gateway.conf');
    await writeFile(filter, await firstLinesOf('fail2ban.md', 'Filter', 'ini'));
    const server = stack.use(await Prosody.start({ domain, accounts: [alice, bob] }));
    const gateway = stack.use(await GatewaySide.start({ domain, server }));
    const way = stack.use(await fromAddress(elsewhere, gateway));
    const machine = stack.use(await ProxySide.create());
    await machine.setUpDomain(domain, '--invite', inviteVia(way, gateway));
    await machine.run();
    await using right = await SlixmppClient.login(machine.login(alice));
    assert.ok((await right.ping()) >= 0);
    for (const who of [alice, bob]) {
      await using wrong = SlixmppClient.connect(machine.login({ ...who, password: 'not-this-one' }));
      await wrong.event('auth-failed');
    }
    // A name that tries to look like the end of another event.
    await using raw = await RawClient.connect(machine);
    raw.write(header(domain));
    await raw.hear('</stream:features>');
    const name =
      'x","event":"login failed"}\\n{"level":"info","connection":1,"peer":"203.0.113.9:1","event":"login failed"}';
    const response = Buffer.from(`\0${name}\0y`).toString('base64');
    raw.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${response}</auth>`);
    await raw.hear(/<failure|<\/stream:stream>/);
    // A handshake that is none, from here.
    await using stranger = await RawClient.connect(gateway);
    stranger.write(`${header(domain)}<handshake xmlns='urn:simpp:stream:2' suite='none'>AAAA</handshake>`);
    await stranger.untilClosed();
    log = gateway.role.log;
  });
  after(() => stack.disposeAsync());

  /** Addresses that fail2ban would count, in order. */
  async function found(lines: string, mode = '', ...options: string[]): Promise<string[]> {
    const file = join(folder, 'gateway.log');
    await writeFile(file, `${lines}\n`);
    // `row` prints a line for each failure: address, time and so on.
    const { stdout } = await run('fail2ban-regex', [...options, '-o', 'ip', file, filter + mode]);
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '');
  }

  const logins = (): number => log.split('\n').filter((line) => line.includes('"event":"login failed"}')).length;

  it('counts each failed login once, by the address that it came from', async () => {
    assert.ok(logins() >= 2, log);
    assert.deepEqual(await found(log), Array<string>(logins()).fill(elsewhere));
  });

  it('counts failed handshakes too where it is told to', async () => {
    assert.deepEqual((await found(log, '[mode=aggressive]')).toSorted(), [
      '127.0.0.1',
      ...Array<string>(logins()).fill(elsewhere),
    ]);
  });

  it('reads the same lines from the journal', async () => {
    const lines = log.split('\n').map((line) => `2026-11-24T10:00:00 host simpp-gateway[123]: ${line}`);
    const found2 = await found(lines.join('\n'), '', '--datepattern', '^%Y-%m-%dT%H:%M:%S ');
    assert.deepEqual(found2, Array<string>(logins()).fill(elsewhere));
  });

  it('reads the lines that the page shows', async () => {
    const lines = await firstLinesOf('fail2ban.md', 'The log', '');
    assert.deepEqual(await found(lines.trim()), ['198.51.100.9', '2001:db8::9']);
    assert.deepEqual(await found(lines.trim(), '[mode=aggressive]'), ['198.51.100.9', '2001:db8::9', '198.51.100.9']);
  });

  it('finds nobody in what clients can write into an event', async () => {
    const forged = [
      '{"level":"info","time":"2026-11-24T10:22:12.878Z","connection":4,"peer":"198.51.100.9:1","text":"\\",\\"event\\":\\"login failed\\"}","event":"stream refused"}',
      '{"level":"info","time":"2026-11-24T10:22:12.878Z","text":"\\"connection\\":1,\\"peer\\":\\"203.0.113.9:1\\",\\"event\\":\\"login failed\\"}","event":"login failed"}',
      '{"level":"info","time":"2026-11-24T10:22:12.878Z","connection":4,"peer":"198.51.100.9:1","jid":"a@b","event":"login"}',
    ];
    assert.deepEqual(await found(forged.join('\n'), '[mode=aggressive]'), []);
  });
});
