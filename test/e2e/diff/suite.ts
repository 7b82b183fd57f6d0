// A mocha suite from the case files: each case is played in all modes at once,
// straight to the server twice, and compared.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { needs } from '../../run/needs.ts';
import { notWhenEncrypted } from './allowed.ts';
import { CaseQueue } from './case-queue.ts';
import type { ModeSet } from './modes.ts';
import { accountName, passwordOf } from './player.ts';
import { readCase, type Case, type ServerName } from './script.ts';
import { openWorld, type World } from './worlds.ts';

const folder = join(import.meta.dirname, 'cases');
const extension = '.case';
export function readCases(): Case[] {
  const chosen = process.env['DIFF_CASES']?.split(',');
  const files = readdirSync(folder).toSorted();
  const stranger = files.find((file) => !file.endsWith(extension));
  if (stranger !== undefined) throw new Error(`${stranger} is no case`);
  const cases = files.map((file) => readCase(basename(file, extension), readFileSync(join(folder, file), 'utf8')));
  return cases.filter(({ name }) => chosen === undefined || chosen.includes(name));
}

export function describeDifferences(server: ServerName, { title, modes }: ModeSet): void {
  describe(`${title}: ${server}`, function () {
    needs(server, 'openssl');
    // A case also waits for those before it.
    this.timeout(300_000);
    const isEncrypted = modes.some(({ proxied }) => proxied?.endToEnd === 'prefer');
    const left = isEncrypted ? notWhenEncrypted[server] : [];
    const cases = readCases().filter(({ servers, name }) => servers.includes(server) && !left.includes(name));
    let world: World | undefined;
    const queue = new CaseQueue(cases, modes);

    before('opens a world', async () => {
      world = await openWorld(server, modes, accountsOf(cases));
      queue.start(world);
    });
    after('ends the world', async () => {
      await world?.[Symbol.asyncDispose]();
    });

    for (const each of cases) {
      it(each.title, async () => {
        const differences = await queue.differences(each);
        assert.ok(differences.length === 0, `${each.name} differs\n${differences.join('\n\n')}`);
      });
    }
  });
}

function accountsOf(cases: readonly Case[]): { name: string; password: string }[] {
  return cases.flatMap((each) => {
    const registered = each.participants.filter(({ isUnregistered, isAnonymous }) => !isUnregistered && !isAnonymous);
    const accounts = new Set(registered.map(({ account }) => account));
    return [...accounts].map((account) => ({ name: accountName(each, account), password: passwordOf(account) }));
  });
}
