import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { repository } from './files.ts';
import { withChecks, withGatewayUnit, withProxyUnit } from './units.ts';

describe('the generated blocks of the pages', () => {
  for (const [name, brought] of [
    ['docs/operate/README.md', withGatewayUnit],
    ['docs/guide/service.md', withProxyUnit],
    ['docs/guide/doctor.md', withChecks],
  ] as const) {
    it(`are in ${name} as the program has them`, async () => {
      const page = await readFile(new URL(name, repository), 'utf8');
      assert.equal(page, brought(page), 'run: node test/docs/write.ts');
    });
  }
});
