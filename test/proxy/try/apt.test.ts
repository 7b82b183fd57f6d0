import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installScript } from '../../../proxy/try/apt.ts';

describe('the installation of packages', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simpp-apt-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs the real script with an apt-get that fails to find packages until the lists are there. */
  async function install(): Promise<string[]> {
    const log = join(folder, 'log');
    const apt = `#!/bin/sh
echo "$1 policy=$([ -x ${folder}/policy-rc.d ] && ${folder}/policy-rc.d; echo $?) $DEBIAN_FRONTEND" >>${log}
[ "$1" = update ] && touch ${folder}/lists
[ -e ${folder}/lists ]
`;
    const systemctl = `#!/bin/sh\necho "systemctl $*" >>${log}\n`;
    for (const [name, script] of Object.entries({ 'apt-get': apt, systemctl })) {
      await writeFile(join(folder, name), script);
      await chmod(join(folder, name), 0o755);
    }
    const env = { PATH: `${folder}:/usr/bin:/bin` };
    const { status } = spawnSync('sh', ['-c', installScript, 'sh', join(folder, 'policy-rc.d'), 'prosody'], { env });
    assert.equal(status, 0);
    return (await readFile(log, 'utf8')).trim().split('\n');
  }

  it('fetches the lists only when needed, starts no service, now or with the machine, and asks nothing', async () => {
    const during = 'policy=101 noninteractive';
    const disabled = 'systemctl disable prosody.service';
    assert.deepEqual(await install(), [`install ${during}`, `update ${during}`, `install ${during}`, disabled]);
    assert.equal(existsSync(join(folder, 'policy-rc.d')), false);
  });

  it("keeps the administrator's policy", async () => {
    await writeFile(join(folder, 'policy-rc.d'), '#!/bin/sh\nexit 104\n', { mode: 0o755 });
    const [first] = await install();
    assert.equal(first, 'install policy=104 noninteractive');
    assert.equal(existsSync(join(folder, 'policy-rc.d')), true);
  });
});
