// Each moment that the engine names, and a power loss just there: the proxy is
// back, its client comes again, and nothing is lost, doubled or unreadable
// (docs/protocol.md §9.8).
import assert from 'node:assert/strict';

import { crashPoints, type CrashPoint } from '../../../proxy/endtoend/crash-points.ts';
import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { ManagedClient } from '../support/managed-client.ts';
import { allWell, booksOf, type Talker } from './books.ts';
import { crashing } from './crashing.ts';
import { keysOnWire } from './keys-on-wire.ts';
import { isAnswered, meet } from './meet.ts';
import { resendThroughCrash } from './resent.ts';
import { openKillStage, person, type KillStage } from './stage.ts';

/** Whose proxy dies, and the how-manieth time the point is reached. The first one writes first. */
type Scene = { readonly dies: 0 | 1; readonly time: number } | 'outbox';

const scenes: Readonly<Record<CrashPoint, Scene>> = {
  'seal.before-archive': { dies: 0, time: 3 },
  'seal.after-archive-before-commit': { dies: 0, time: 3 },
  'seal.after-commit-before-send': { dies: 0, time: 3 },
  'seal.after-send': { dies: 0, time: 3 },
  'lease.taken-before-commit': { dies: 0, time: 1 },
  'open.before-ratchet': { dies: 1, time: 2 },
  'open.after-ratchet-before-commit': { dies: 1, time: 2 },
  'open.after-delivery-before-commit': { dies: 1, time: 2 },
  'open.after-commit-before-acknowledgement': { dies: 1, time: 2 },
  'session.accepted-before-commit': { dies: 1, time: 1 },
  'session.begun-before-commit': { dies: 0, time: 1 },
  'prekey.rotated-before-commit': { dies: 0, time: 1 },
  'prekey.rotated-before-publish': { dies: 1, time: 1 },
  'prekey.published': { dies: 0, time: 1 },
  'trust.changed-before-commit': { dies: 0, time: 1 },
  'outbox.resent-before-removal': 'outbox',
  'commit.before': { dies: 1, time: 8 },
  'commit.after': { dies: 0, time: 8 },
  'epoch.beside-before-database': { dies: 0, time: 1 },
  'sweep.before-scrub': { dies: 1, time: 1 },
};

const rounds = 6;

describe('37 encrypted: a proxy that dies at a named moment', function () {
  needs('prosody');
  this.timeout(150_000);
  let stage: KillStage;
  const covered = new Set<CrashPoint>();
  const names = (point: CrashPoint): [string, string] => {
    const number = crashPoints.indexOf(point);
    return [`anna${number}`, `berta${number}`];
  };

  before('everything runs', async () => (stage = await openKillStage(crashPoints.flatMap(names))));
  after('everything ends', async () => await stage?.[Symbol.asyncDispose]());

  for (const point of crashPoints) {
    it(`${point}: both go on, and nothing is lost, doubled or unreadable`, async () => {
      const scene = scenes[point];
      const people = [person(names(point)[0]), person(names(point)[1])] as const;
      if (scene === 'outbox') await resendThroughCrash(stage, people, point);
      else {
        const { dies, time } = scene;
        await using death = await crashing(stage.machines[dies], point, time);
        const logins = people.map((each, machine) => stage.machines[machine]!.login(each)) as [never, never];
        const [first, second] = await logInBoth(logins, dies);
        await using ours = first.client;
        await using theirs = second.client;
        const said = [
          ...(await meet(first, second, `${point}-meeting`)),
          ...(await talk(first, second, `${point}-then`)),
        ];
        await death.happened();
        said.push(...(await talk(first, second, `${point}-after`)));
        await ours.online();
        await theirs.online();
        assert.deepEqual(
          await booksOf(
            first,
            second,
            said.filter((id) => id.includes('-first-')),
          ),
          allWell,
        );
        assert.deepEqual(
          await booksOf(
            second,
            first,
            said.filter((id) => id.includes('-second-')),
          ),
          allWell,
        );
      }
      covered.add(point);
    });
  }

  it('every named moment was reached, and no ratchet key sealed twice', () => {
    assert.deepEqual([...covered], crashPoints);
    const { wraps, reused } = keysOnWire(stage.atServer);
    assert.deepEqual(reused, []);
    assert.ok(wraps > crashPoints.length * rounds, `only ${wraps} wraps were seen`);
  });
});

/** The one whose proxy lives comes first: the other has somebody to write to. */
async function logInBoth(logins: readonly [Talker['login'], Talker['login']], dies: 0 | 1): Promise<[Talker, Talker]> {
  const survivor = { login: logins[1 - dies]!, client: await ManagedClient.login(logins[1 - dies]!) };
  const victim = { login: logins[dies], client: await ManagedClient.login(logins[dies]) };
  return dies === 0 ? [victim, survivor] : [survivor, victim];
}

/** They take turns; the ids of what was said, each received, returned or acknowledged before the next one. */
async function talk(first: Talker, second: Talker, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [from, to, who] of [
      [first, second, 'first'],
      [second, first, 'second'],
    ] as const) {
      const id = `${prefix}-${who}-${round}`;
      from.client.send(to.login.jid, id);
      await eventually(`what became of ${id}`, () => isAnswered(from, to, id), 30_000);
      ids.push(id);
    }
  }
  return ids;
}
