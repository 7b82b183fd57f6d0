import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';

import { needs } from '../../run/needs.ts';
import { PersonHome } from './person-home.ts';

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a home of a person', () => {
  needs('prosody');

  it('ends with everything that runs in it, also what went away to stay', async () => {
    const home = await PersonHome.create('test');
    const child = home.start('sleep', ['600']);
    const pid = (await home.run('sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 & echo $!')).trim();
    assert.match(pid, /^\d+$/);
    assert.ok(await isThere(`/proc/${pid}/environ`));
    await home[Symbol.asyncDispose]();
    assert.equal((await child.exited).signal, 'SIGKILL');
    assert.equal(await isThere(home.path), false);
  });

  it('belongs to nobody when we are root, since some clients refuse to be root', async () => {
    await using home = await PersonHome.create('test');
    assert.notEqual((await home.run('id', '-u')).trim(), '0');
    assert.equal((await home.run('sh', '-c', 'echo $HOME')).trim(), home.path);
  });
});
