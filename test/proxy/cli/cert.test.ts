// `simpp cert` as people and scripts run it.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs } from '../../run/needs.ts';
import { simpp, startSimpp, type Finished } from './simpp.ts';

interface Status {
  readonly authorities: readonly {
    readonly name: string;
    readonly fingerprint: string;
    readonly names: readonly string[];
    readonly notAfter: string;
    readonly isTrusted: boolean;
  }[];
  readonly file: string;
  readonly complete: boolean;
}

describe('simpp cert', function () {
  needs('openssl');
  this.timeout(60_000);
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'simpp-cert-'))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> =>
    simpp(args, { home, env });
  const setUp = async (domain: string, ...flags: readonly string[]): Promise<void> => {
    const way = ['--direct', '--server', '127.0.0.1:1', '--server-tls', 'none'];
    assert.equal((await run(['setup', domain, ...way, ...flags])).code, 0);
  };
  const status = async (env?: Readonly<Record<string, string>>): Promise<Status> =>
    (await run(['cert', 'status', '--json'], env)).json as unknown as Status;

  it('status says that there is nothing yet, export makes it, and then it is shown', async () => {
    await setUp('example.org');
    const none = await run(['cert', 'status']);
    assert.deepEqual([none.code, /There is no local authority yet/.test(none.stdout)], [0, true]);
    assert.deepEqual(await status(), { authorities: [], file: join(home, 'ca.pem'), complete: false });

    const { code, stdout } = await run(['cert', 'export']);
    assert.equal(code, 0);
    const certificate = new X509Certificate(stdout);
    assert.equal(stdout.trim(), readFileSync(join(home, 'ca.pem'), 'utf8').trim());
    assert.doesNotMatch(stdout, /PRIVATE/);
    const { authorities, complete } = await status();
    assert.equal(complete, true);
    assert.equal(authorities.length, 1);
    assert.deepEqual(
      { ...authorities[0], name: authorities[0]?.name.slice(0, -8) },
      {
        name: 'SIMPP local authority ',
        fingerprint: certificate.fingerprint256,
        names: ['example.org', 'localhost', '127.0.0.1', '::1'],
        notAfter: certificate.validToDate.toISOString(),
        isTrusted: false,
      },
    );
  });

  it('export writes a file that others may read, and is the same each time', async () => {
    await setUp('example.org');
    const file = join(home, 'exported.pem');
    assert.deepEqual((await run(['cert', 'export', '--out', file, '--json'])).json, { file });
    assert.equal(statSync(file).mode & 0o777 & ~0o022, 0o644);
    const again = await run(['cert', 'export', '--json']);
    assert.equal(again.json['pem'], readFileSync(file, 'utf8'));
    const wrong = await run(['cert', 'export', '--out', join(home, 'no-folder', 'ca.pem')]);
    assert.deepEqual([wrong.code, /cannot be written/.test(wrong.stderr)], [74, true]);
  });

  it('status knows whether the system trusts it', async () => {
    await setUp('example.org');
    const file = join(home, 'exported.pem');
    await run(['cert', 'export', '--out', file]);
    const { authorities } = await status({ SSL_CERT_FILE: file });
    assert.deepEqual(
      authorities.map(({ isTrusted }) => isTrusted),
      [true],
    );
    const install = await run(['cert', 'install', '--print'], { SSL_CERT_FILE: file });
    assert.match(install.stdout, /trusts the local authority already/);
  });

  it('install --print prints commands and changes nothing; --remove prints those that undo it', async () => {
    await setUp('example.org');
    const { code, stdout, json } = await run(['cert', 'install', '--print', '--json']);
    assert.equal(code, 0);
    assert.deepEqual([json['done'], stdout.trim().split('\n').length], [false, 1]);
    const [file] = json['files'] as string[];
    assert.equal(new X509Certificate(readFileSync(file!)).ca, true);
    const { stdout: words } = await run(['cert', 'install', '--print']);
    for (const command of json['commands'] as string[]) assert.ok(words.includes(`  ${command}\n`));
    const { stdout: undone } = await run(['cert', 'install', '--remove', '--print']);
    assert.match(undone, /no more/);
  });

  it('asks the running proxy, which owns the keys, and shows a second authority for a domain that came later', async () => {
    await setUp('example.org', '--listen', '127.0.0.1:0');
    const proxy = await startSimpp(['proxy', '--json'], home);
    try {
      assert.equal((await run(['cert', 'export'])).code, 0);
      await setUp('example.net');
      assert.equal((await status()).complete, false);
      const { stdout } = await run(['cert', 'export']);
      assert.equal(stdout.match(/BEGIN CERTIFICATE/g)?.length, 2);
      assert.deepEqual(
        (await status()).authorities.map(({ names }) => names.filter((name) => name.startsWith('example'))),
        [['example.org'], ['example.net', 'example.org']],
      );
    } finally {
      await proxy.end('SIGTERM');
    }
  });

  it('setup takes TLS listeners, the proxy says where they are, and an address in two lists is refused', async () => {
    await setUp(
      'example.org',
      '--listen',
      '127.0.0.1:0',
      '--listen-starttls',
      '127.0.0.1:0',
      '--listen-tls',
      '[::1]:0',
    );
    const proxy = await startSimpp(['proxy', '--json'], home);
    const { stdout } = await run(['status', '--json']);
    const shown = (JSON.parse(stdout) as { proxy: Record<string, string[]> }).proxy;
    assert.match(shown['listenStarttls']?.[0] ?? '', /^127\.0\.0\.1:\d+$/);
    assert.match(shown['listenTls']?.[0] ?? '', /^\[::1\]:\d+$/);
    assert.match((await run(['status'])).stdout, /with STARTTLS {2}127\.0\.0\.1:\d+\n {2}with TLS {7}\[::1\]:\d+/);
    await proxy.end('SIGTERM');

    const before = readFileSync(join(home, 'proxy.toml'), 'utf8');
    const way = ['--direct', '--listen', '127.0.0.1:5222', '--listen-tls', '127.0.0.1:5222'];
    const twice = await run(['setup', 'example.org', ...way]);
    assert.equal(twice.code, 78);
    assert.match(twice.stderr, /because 127\.0\.0\.1:5222 is in "listen" already/);
    assert.equal(readFileSync(join(home, 'proxy.toml'), 'utf8'), before);
    const far = await run(['setup', 'example.org', '--direct', '--listen-tls', '192.0.2.1:5223']);
    assert.match(far.stderr, /addresses of this machine only/);
  });

  it('without a set-up says so, and after sudo what to do instead', async () => {
    const { code, stderr } = await run(['cert', 'export']);
    assert.deepEqual([code, /No account is set up/.test(stderr)], [78, true]);
    const sudo = await run(['cert', 'install', '--print'], { SUDO_USER: 'alice' });
    assert.deepEqual([sudo.code, /Run it without sudo/.test(sudo.stderr)], [78, true]);
  });

  it('says what to do about a ca.pem that is damaged', async () => {
    await setUp('example.org');
    writeFileSync(join(home, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const { code, stderr } = await run(['cert', 'status']);
    assert.equal(code, 74);
    assert.match(stderr, /ca\.pem cannot be read; remove it, it is made again/);
  });
});
