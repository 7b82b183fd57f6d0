// How systems come to trust the authority: the commands as they are typed, and
// on Debian's own program, in folders of the test's, what they do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issue, newAuthority } from '../../../proxy/ca/authority.ts';
import {
  commandLine,
  linuxPlan,
  linuxStores,
  macPlan,
  nssCommand,
  windowsPlan,
  type Command,
  type LinuxStore,
} from '../../../proxy/ca/trust-stores.ts';
import { runCommands } from '../../../proxy/cli/run-commands.ts';
import { SimppError } from '../../../shared/errors.ts';
import { needs } from '../../run/needs.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { pemOf } from './openssl.ts';

const trusted = { file: '/home/al ice/ca/simpp-0a1b2c3d.pem', name: 'simpp-0a1b2c3d', sha1: 'AB'.repeat(20) };
const typed = (commands: readonly Command[]): string[] => commands.map(commandLine);

describe('the commands that make a system trust the local authority', () => {
  it('are these on Debian, as they are typed, file names with spaces, too', () => {
    const plan = linuxPlan(linuxStores[0]!, trusted);
    assert.deepEqual(typed(plan.install), [
      `install -m 0644 '/home/al ice/ca/simpp-0a1b2c3d.pem' /usr/local/share/ca-certificates/simpp-0a1b2c3d.crt`,
      'update-ca-certificates',
    ]);
    assert.deepEqual(typed(plan.remove), [
      'rm -f /usr/local/share/ca-certificates/simpp-0a1b2c3d.crt',
      'update-ca-certificates',
    ]);
  });

  it('are these on macOS and Windows', () => {
    assert.match(
      typed(macPlan(trusted).install)[0]!,
      /^security add-trusted-cert -d -r trustRoot -p ssl -k .*System\.keychain/,
    );
    assert.match(typed(macPlan(trusted).remove)[0]!, /^security delete-certificate -Z (AB){20} /);
    assert.match(typed(windowsPlan(trusted).install)[0]!, /^certutil -user -addstore Root /);
    assert.match(typed(windowsPlan(trusted).remove)[0]!, /^certutil -user -delstore Root (AB){20}$/);
  });

  it('quote for the shell, so that a folder’s name is never a command', () => {
    const odd = "/home/o'neill; rm -rf $HOME/ca.pem";
    const said = execFileSync('sh', ['-c', `printf %s ${commandLine([odd])}`], { encoding: 'utf8' });
    assert.equal(said, odd);
    assert.match(
      nssCommand({ ...trusted, file: odd }),
      /^certutil -d sql:"\$HOME\/\.pki\/nssdb" -A -t C,, -n simpp-0a1b2c3d -i '/,
    );
  });
});

describe('update-ca-certificates', function () {
  needs('ca-certificates', 'openssl');
  this.timeout(20_000);
  const folder = temporaryFolder();

  it('installs the authority so that openssl accepts its certificates, and removes it', () => {
    const local = join(folder(), 'local');
    const etc = join(folder(), 'etc');
    for (const name of ['local', 'etc', 'usr', 'hooks']) mkdirSync(join(folder(), name));
    writeFileSync(join(folder(), 'conf'), '');
    const places = ['--localcertsdir', local, '--etccertsdir', etc, '--certsdir', join(folder(), 'usr')];
    const rest = ['--certsconf', join(folder(), 'conf'), '--hooksdir', join(folder(), 'hooks')];
    const store: LinuxStore = {
      ...linuxStores[0]!,
      folder: local,
      update: ['update-ca-certificates', ...places, ...rest],
    };

    const deps = {
      now: () => Math.floor(Date.now() / 1000),
      randomBytes: (n: number) => new Uint8Array(randomBytes(n)),
    };
    const authority = newAuthority(['example.org'], deps);
    const file = join(folder(), 'ca.pem');
    writeFileSync(file, pemOf(authority.certificate));
    const leaf = join(folder(), 'leaf.pem');
    writeFileSync(leaf, pemOf(issue(authority, ['example.org'], deps).certificate));

    const plan = linuxPlan(store, { file, name: 'simpp-0a1b2c3d', sha1: '' });
    runCommands(plan.install);
    const verify = ['verify', '-no-CAfile', '-no-CAstore', '-CApath', etc, '-verify_hostname', 'example.org', leaf];
    assert.match(execFileSync('openssl', verify, { encoding: 'utf8' }), /OK/);
    runCommands(plan.remove);
    assert.equal(existsSync(join(local, 'simpp-0a1b2c3d.crt')), false);
    assert.throws(() => execFileSync('openssl', verify, { stdio: 'pipe' }), /unable to get local issuer/);
  });

  it('that fails or is missing is said, with the command', () => {
    const code = (wanted: string) => (error: unknown) => error instanceof SimppError && error.code === wanted;
    assert.throws(() => runCommands([['simpp-no-such-program']]), code('missing-program'));
    assert.throws(() => runCommands([['false']]), code('storage-failed'));
  });
});
