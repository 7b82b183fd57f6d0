// `simpp doctor` finds each seeded fault and no other, says what mends it, and
// finds nothing where everything is well.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { examine } from '../../../proxy/doctor/doctor.ts';
import type { Finding } from '../../../proxy/doctor/finding.ts';
import { needs } from '../../run/needs.ts';
import { runSimpp } from '../support/simpp.ts';
import { alice, domain, openWorld } from '../support/world.ts';
import { faults } from './faults.ts';
import { Ward } from './ward.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../../proxy/main.ts', import.meta.url));

describe('13 simpp doctor', function () {
  this.timeout(60_000);
  needs('prosody', 'openssl', 'unshare');

  describe('where one thing is wrong', () => {
    let ward: Ward;
    before(async () => (ward = await Ward.open()));
    after(() => ward?.[Symbol.asyncDispose]());

    for (const fault of faults) {
      it(`finds that ${fault.name}`, async () => {
        const patient = await fault.seed(ward);
        const found = (await examine(patient, fault.question ?? {})).flatMap(({ findings }) => findings);
        const shown = JSON.stringify(found, undefined, 1);
        const hit = found.find(({ check, text }) => check === fault.check && fault.text.test(text));
        assert.ok(hit !== undefined, shown);
        assert.equal(hit.verdict, fault.verdict, shown);
        assert.match(hit.mend ?? '', fault.mend, shown);
        const isOther = ({ check, verdict }: Finding): boolean => verdict === 'problem' && check !== fault.check;
        assert.deepEqual(found.filter(isOther), []);
      });
    }

    it('knows at least fifteen faults', () => {
      assert.ok(new Set(faults.map(({ name }) => name)).size >= 15);
      assert.ok(new Set(faults.map(({ check }) => check)).size >= 15);
    });
  });

  describe('on a disk of its own', () => {
    let mount: string;
    beforeEach(() => (mount = mkdtempSync(join(tmpdir(), 'simpp-disk-'))));
    afterEach(() => rmSync(mount, { recursive: true }));

    /** `simpp setup` and, after the command `then`, `simpp doctor`: on a small disk that only they see. */
    async function onDisk(then: string): Promise<Finding[]> {
      const setUp = '"$0" "$1" setup example.test --direct --server 127.0.0.1:1 --json >/dev/null';
      const script = `mount -t tmpfs -o size=6m,mode=0700 tmpfs "$2" && export SIMPP_HOME="$2" && ${setUp} && ${then}; "$0" "$1" doctor --json`;
      const isolation = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
      const args = [...isolation, 'sh', '-c', script, process.execPath, main, mount];
      // It ends with 1, since nothing listens at that server either.
      const { stdout } = await run('unshare', args).catch((error: { stdout: string }) => error);
      const { findings } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { findings: Finding[] };
      return findings;
    }

    it('finds that the disk is full', async () => {
      const found = await onDisk('{ head -c 9000000 /dev/zero >"$2/big" 2>/dev/null || true; }');
      const hit = found.find(({ check, verdict }) => check === 'folder' && verdict === 'problem');
      assert.match(hit?.text ?? '', /The disk of \S+ is full: \d+ KiB are free/, JSON.stringify(found));
      assert.match(hit?.mend ?? '', new RegExp(`^du -xh -d 2 ${mount} \\| sort -h`));
    });

    it('finds that the home is read-only', async () => {
      const found = await onDisk('mount -o remount,ro "$2"');
      const hit = found.find(({ check, verdict }) => check === 'folder' && verdict === 'problem');
      assert.match(hit?.text ?? '', /is on a read-only disk/, JSON.stringify(found));
      assert.equal(hit?.mend, `sudo mount -o remount,rw ${mount}`);
    });
  });

  it('finds nothing where a proxy and a gateway run as they should, also with a real login', async function () {
    this.timeout(120_000);
    await using world = await openWorld({ setUp: [alice, 'domain'] });
    const [ofProxy, ofGateway] = await Promise.all([
      runSimpp(world.proxy.home, 'doctor', '--login', '--json'),
      runSimpp(world.gateway.home, 'gateway', 'doctor', '--json'),
    ]);
    for (const { code, stdout } of [ofProxy, ofGateway]) {
      const { findings, ...counts } = JSON.parse(stdout.at(-1) ?? '') as { findings: Finding[] };
      const bad = findings.filter(({ verdict }) => verdict === 'problem' || verdict === 'warning');
      assert.deepEqual(bad, []);
      assert.deepEqual(counts, { ok: true, problems: 0, warnings: 0 });
      assert.equal(code, 0);
    }
    assert.match(ofProxy.stdout.at(-1) ?? '', /takes the stored password \(SCRAM-SHA-1\)/);
    assert.match(ofProxy.stdout.at(-1) ?? '', /stream management, message archive, carbons, PEP/);
    for (const { stdout, stderr } of [ofProxy, ofGateway]) {
      assert.ok(![...stdout, stderr].some((text) => text.includes(alice.password)));
    }

    const one = await runSimpp(world.proxy.home, 'doctor', alice.jid);
    assert.equal(one.code, 0, one.stdout.join('\n'));
    assert.ok(one.stdout.includes(`${alice.jid} (through a gateway)`), one.stdout.join('\n'));
    assert.ok(!one.stdout.includes(`${domain} (through a gateway)`));
    assert.equal(one.stdout.at(-1), 'Nothing to mend.');
  });
});
