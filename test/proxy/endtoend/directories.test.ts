import assert from 'node:assert/strict';

import { Directories } from '../../../proxy/endtoend/directories.ts';
import type { Directory, Found, Publication, Published } from '../../../proxy/endtoend/directory.ts';
import { failedTtlMs, foundTtlMs, noneTtlMs } from '../../../proxy/endtoend/found-cache.ts';
import { PublishingPerson } from './publishing-person.ts';

const own = 'alice@example.test';
const bob = 'bob@example.test';
const none: Found = { kind: 'none' };
const failed: Found = { kind: 'failed', reason: 'the server did not answer in time' };

function bundle(mark: number, oneTime?: Uint8Array): Found {
  const bytes = Uint8Array.of(mark);
  const device = { certificate: bytes, ...(oneTime && { oneTime }) };
  return { kind: 'bundle', bundle: { kuA: bytes, list: bytes, devices: [device] }, waiting: [] };
}

/** A directory in memory, which counts what it is asked and answers when it is let. */
class Memory implements Directory {
  readonly asked: string[] = [];
  readonly publications: Publication[] = [];
  answer: (wantsOneTimeKeys: boolean) => Found | Promise<Found> = () => none;
  outcome: Published = { kind: 'taken' };
  readonly kind: Directory['kind'];
  readonly #domain: string | undefined;
  #listener: (jid: string) => void = () => undefined;

  constructor(kind: Directory['kind'], domain?: string) {
    this.kind = kind;
    this.#domain = domain;
  }

  covers(jid: string): boolean {
    return this.#domain === undefined || jid.endsWith(`@${this.#domain}`);
  }

  async fetch(jid: string, wantsOneTimeKeys: boolean): Promise<Found> {
    this.asked.push(jid);
    return await this.answer(wantsOneTimeKeys);
  }

  async publish(publication: Publication): Promise<Published> {
    this.publications.push(publication);
    return this.outcome;
  }

  onChanged(listener: (jid: string) => void): void {
    this.#listener = listener;
  }

  tellChanged(jid: string): void {
    this.#listener(jid);
  }
}

function setUp() {
  const gateway = new Memory('gateway', 'example.test');
  const pep = new Memory('pep');
  const clock = { ms: 0 };
  const directories = new Directories({ ownJid: own, gateway, pep, now: () => clock.ms });
  return { gateway, pep, clock, directories };
}

describe('the directories of an account', () => {
  it('both say what they have, the gateway first, and PEP alone of other domains', async () => {
    const { gateway, pep, directories } = setUp();
    gateway.answer = () => bundle(1);
    pep.answer = () => bundle(2);
    assert.deepEqual(await directories.fetchAll(bob, false), [bundle(1), bundle(2)]);
    assert.deepEqual(await directories.fetchAll('carol@elsewhere.test', false), [bundle(2)]);
    assert.deepEqual(gateway.asked, [bob]);
  });

  it('are PEP alone without a gateway', async () => {
    const pep = new Memory('pep');
    const directories = new Directories({ ownJid: own, pep });
    assert.deepEqual(directories.kinds, ['pep']);
    assert.deepEqual(await directories.fetchAll(bob, false), [none]);
  });

  it('are not asked for what is no account', async () => {
    const { gateway, pep, directories } = setUp();
    for (const jid of ['example.test', 'conference.example.test']) {
      assert.deepEqual(await directories.fetchAll(jid, true), [none]);
    }
    assert.deepEqual([...gateway.asked, ...pep.asked], []);
  });

  it('are asked again after a minute where there were no keys, so that what is said then is plain no longer than that', async () => {
    const { pep, clock, directories } = setUp();
    for (const [ms, asked] of [
      [0, 1],
      [noneTtlMs - 1, 1],
      [1, 2],
    ] as const) {
      clock.ms += ms;
      await directories.fetchAll(bob, false);
      assert.equal(pep.asked.length, asked);
    }
  });

  it('are asked again after ten minutes, after a failure sooner, and at once for what was forgotten or has changed', async () => {
    const { pep, gateway, clock, directories } = setUp();
    pep.answer = () => bundle(1);
    const times = async (): Promise<number> => {
      await directories.fetchAll(bob, false);
      return pep.asked.length;
    };
    assert.equal(await times(), 1);
    clock.ms += foundTtlMs - 1;
    assert.equal(await times(), 1);
    clock.ms += 1;
    pep.answer = () => failed;
    assert.equal(await times(), 2);
    assert.equal(await times(), 2);
    clock.ms += failedTtlMs;
    assert.equal(await times(), 3);
    directories.forget(bob);
    assert.equal(await times(), 4);
    const heard: string[] = [];
    directories.onChanged((jid) => heard.push(jid));
    gateway.tellChanged(bob);
    assert.equal(await times(), 5);
    assert.deepEqual(heard, [bob]);
  });

  it('are asked once by those who ask at the same time', async () => {
    const { pep, directories } = setUp();
    const answer = Promise.withResolvers<Found>();
    pep.answer = () => answer.promise;
    const both = [directories.fetchAll(bob, false), directories.fetchAll(bob, false)];
    answer.resolve(bundle(1));
    assert.deepEqual(await Promise.all(both), [
      [none, bundle(1)],
      [none, bundle(1)],
    ]);
    assert.equal(pep.asked.length, 1);
  });

  it('give a one-time key to one caller only', async () => {
    const { gateway, directories } = setUp();
    const keys = [7, 8, 9].map((each) => Uint8Array.of(each));
    gateway.answer = (wanted) => bundle(1, wanted ? keys.shift() : undefined);
    const [first, second] = await Promise.all([directories.fetchAll(bob, true), directories.fetchAll(bob, true)]);
    assert.deepEqual(first?.[0], bundle(1, Uint8Array.of(7)));
    assert.deepEqual(second?.[0], bundle(1));
    assert.deepEqual((await directories.fetchAll(bob, false))[0], bundle(1));
    assert.deepEqual((await directories.fetchAll(bob, true))[0], bundle(1, Uint8Array.of(8)));
  });

  it('keep nothing of an answer that was on its way when it was forgotten', async () => {
    const { pep, directories } = setUp();
    const old = Promise.withResolvers<Found>();
    pep.answer = () => old.promise;
    const early = directories.fetchAll(bob, false);
    directories.forget(bob);
    pep.answer = () => bundle(2);
    assert.deepEqual(await directories.fetchAll(bob, false), [none, bundle(2)]);
    old.resolve(bundle(1));
    assert.deepEqual(await early, [none, bundle(1)]);
    assert.deepEqual(await directories.fetchAll(bob, false), [none, bundle(2)]);
  });

  it('are asked for sixteen at a time, the others in turn, and no more than 512 of them', async () => {
    const { pep, directories } = setUp();
    const gate = Promise.withResolvers<Found>();
    pep.answer = () => gate.promise;
    const asking = Array.from({ length: 600 }, (_, at) => directories.fetchAll(`p${at}@elsewhere.test`, false));
    assert.equal(pep.asked.length, 16);
    gate.resolve(none);
    const kinds = (await Promise.all(asking)).map(([found]) => found?.kind);
    assert.equal(kinds.filter((kind) => kind === 'none').length, 528);
    assert.equal(kinds.filter((kind) => kind === 'failed').length, 72);
    assert.deepEqual(await directories.fetchAll('later@elsewhere.test', false), [none]);
  });

  it('keep no more than 16 MiB of answers', async () => {
    const { pep, directories } = setUp();
    const big = new Uint8Array(1024 * 1024);
    pep.answer = () => ({ kind: 'bundle', bundle: { kuA: big, list: big, devices: [] }, waiting: [] });
    for (let at = 0; at < 9; at++) await directories.fetchAll(`p${at}@elsewhere.test`, false);
    await directories.fetchAll('p8@elsewhere.test', false);
    assert.equal(pep.asked.length, 9);
    await directories.fetchAll('p0@elsewhere.test', false);
    assert.equal(pep.asked.length, 10);
  });

  it('all get a publication, and each has its own outcome', async () => {
    const { gateway, pep, directories } = setUp();
    pep.outcome = { kind: 'failed', reason: 'the connection to the server ended' };
    const alice = new PublishingPerson(own);
    const publication = alice.publication(1, [alice.newDevice()]);
    await directories.fetchAll(own, false);
    assert.deepEqual(await directories.publish(publication), [
      { directory: 'gateway', published: { kind: 'taken' } },
      { directory: 'pep', published: pep.outcome },
    ]);
    assert.deepEqual([gateway.publications, pep.publications], [[publication], [publication]]);
    await directories.fetchAll(own, false);
    assert.equal(pep.asked.length, 2);
  });
});
