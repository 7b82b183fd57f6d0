import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { simpp } from './simpp.ts';

const home = tmpdir(); // no command of this file touches it

describe('simpp', function () {
  this.timeout(60_000);

  it('shows its help, and loads no cryptography, configuration or log for it', async () => {
    const watcher = fileURLToPath(new URL('modules-at-exit.ts', import.meta.url));
    const { code, stdout, stderr } = await simpp(['--help'], { home, nodeArgs: ['--import', watcher] });
    assert.equal(code, 0);
    for (const command of ['try', 'setup', 'proxy', 'gateway', 'status', 'fingerprint', 'log']) {
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    }
    const packages = new Set(Array.from(stderr.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g), (match) => match[1]));
    assert.deepEqual([...packages], ['commander']);
  });

  it('without a command shows the help on stderr and exits 64', async () => {
    const { code, stdout, stderr } = await simpp([], { home });
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, /^Usage: simpp/);
  });

  it('says its version', async () => {
    const { code, stdout } = await simpp(['--version'], { home });
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  const commands = [
    ['try'],
    ['setup'],
    ['proxy'],
    ['gateway', 'init'],
    ['gateway', 'run'],
    ['gateway', 'reset'],
    ['status'],
    ['fingerprint'],
    ['cert', 'status'],
    ['cert', 'export'],
    ['cert', 'install'],
    ['log'],
    ['doctor'],
    ['gateway', 'doctor'],
    ['accounts', 'list'],
    ['accounts', 'password'],
    ['accounts', 'remove'],
    ['service', 'install'],
    ['contacts'],
    ['verify'],
    ['trust', 'show'],
    ['trust', 'policy'],
    ['policy'],
    ['devices', 'list'],
    ['devices', 'approve'],
    ['outbox', 'resend'],
    ['history', 'search'],
    ['history', 'keep'],
    ['recovery', 'show'],
    ['recovery', 'enter'],
    ['export'],
    ['import'],
  ];
  for (const command of commands) {
    it(`${command.join(' ')} --help has --json, examples and exit codes`, async () => {
      const { code, stdout, stderr } = await simpp([...command, '--help'], { home });
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^Usage: simpp ${command.join(' ')} `));
      assert.match(stdout, /^ +--json /m);
      assert.match(stdout, new RegExp(`^ {2}\\$ .*simpp ${command.join(' ')}`, 'm'));
      assert.match(stdout, /^Exit codes:\n +0 {2}\S.*\n(?: +1 {2}\S.*\n)? +64 /m);
    });
  }
});

describe('a wrong command line', function () {
  this.timeout(60_000);

  const wrong: Readonly<Record<string, [args: string[], text: RegExp]>> = {
    'an unknown command': [['statsu'], /^simpp: Unknown command 'statsu'\.\n {2}Did you mean status\?/],
    'an unknown option': [['status', '--wach'], /^simpp: Unknown option '--wach'\.\n {2}Did you mean --watch\?/],
    'a missing option': [['gateway', 'init', '--domain', 'a.b'], /^simpp: Required option '--server/],
    'a bad address': [
      ['gateway', 'init', '--domain', 'a.b', '--server', 'nowhere'],
      /^simpp: Option '--server <host:port>' argument 'nowhere' is invalid\. Expected HOST:PORT/,
    ],
    'a bad choice': [['setup', 'a.b', '--direct', '--server-tls', 'ssl'], /Allowed choices are none, starttls, direct/],
    'options that exclude each other': [['setup', 'a.b', '--direct', '--invite', 'x'], /cannot be used with option/],
    'too many arguments': [['setup', 'a.b', 'c.d'], /^simpp: Too many arguments for 'setup'/],
  };
  for (const [name, [args, text]] of Object.entries(wrong)) {
    it(`with ${name} exits 64 and says so on stderr`, async () => {
      const { code, stdout, stderr } = await simpp(args, { home });
      assert.deepEqual([code, stdout], [64, '']);
      assert.match(stderr, text);
    });
  }

  it('with --json anywhere in it says so as one JSON line on stdout', async () => {
    const { code, stdout, stderr, json } = await simpp(['status', '--json', '--wach'], { home });
    assert.deepEqual([code, stderr], [64, '']);
    assert.deepEqual(json, {
      error: {
        code: 'usage',
        text: "Unknown option '--wach'.",
        hint: 'Did you mean --watch? --help shows what the command takes.',
      },
    });
    assert.equal(stdout.split('\n').length, 2);
  });
});
