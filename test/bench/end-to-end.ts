// What end-to-end encryption costs, beside libsignal: beginning a session,
// messages in it, and messages whose state is on the disk.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { detectNodeCrypto } from '../../proxy/crypto/provider.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { alice, bob } from '../shared/simpp/conversation.ts';
import { interleave, type Contender, type Plan } from './blocks.ts';
import { Rows, type Measurement } from './measurement.ts';
import { countingCrypto } from './sessions/counting-crypto.ts';
import { setUps } from './sessions/set-up.ts';
import { DurableSessions } from './sessions/signal-stores.ts';
import { signalSetUp, signalTalk } from './sessions/signal-talk.ts';
import { KeeperStore } from './sessions/simpp-keeper.ts';
import { simppSetUp } from './sessions/simpp-set-up.ts';
import { simppTalk, type SimppTalkOptions } from './sessions/simpp-talk.ts';
import { messagesPerTurn, type Talk } from './sessions/talk.ts';
import { used } from './sessions/used.ts';

const setUpsPerBlock = 24;
/** Fewer than a session lasts (§9.2), since each durable block begins one. */
const messagesPerBlock = { flood: 512, pingPong: 192 } as const;

type Kind = keyof typeof messagesPerBlock;

const kinds = [
  { kind: 'flood', name: 'one way' },
  { kind: 'pingPong', name: 'to and fro' },
] as const;

/** Figures of one message on the disk of both sides, by contender: commits. */
type Commits = Map<string, number>;

const ours = 'SIMPP';
const theirs = 'libsignal';

export async function measureEndToEnd(plan: Plan): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'simpp-bench-'));
  try {
    return await measureIn(folder, plan);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureIn(folder: string, plan: Plan): Promise<Measurement> {
  using stack = new DisposableStack();
  const crypto = detectNodeCrypto();
  const commits: Commits = new Map();
  const contenders = [
    ...setUpContenders(crypto),
    ...(await memoryContenders(crypto)),
    ...durableContenders(crypto, folder, stack, commits),
  ];
  const rows = new Rows(await interleave(contenders, plan));
  const operations = await operationsOf(crypto);

  const add = (name: string, contender: string, counted: string, figure = ''): void => {
    const same = (micros: number): number => micros;
    rows.add(name, 'µs', [contender, `${figure}cpu`], same, counted);
    rows.add(`${name}, wall`, 'µs', [contender, `${figure}wall`], same, 'time that passed');
  };
  const compare = (name: string, over: string, under: string, figure = ''): void => {
    rows.addRatio(`${name}: ${theirs} ÷ ${ours}`, [over, `${figure}cpu`], [under, `${figure}cpu`], 'CPU');
    rows.addRatio(`${name}: ${theirs} ÷ ${ours}, wall`, [over, `${figure}wall`], [under, `${figure}wall`], 'time');
  };

  const setUp = (who: string): string => `set-up, ${who}`;
  for (const [step, counted] of Object.entries(setUpSteps)) {
    add(`${step}, ${ours}`, setUp(ours), operations.setUp[step] ?? counted, figureOf(step));
    add(`${step}, ${theirs}`, setUp(theirs), counted, figureOf(step));
    compare(step, setUp(theirs), setUp(ours), figureOf(step));
  }
  for (const { kind, name } of kinds) {
    add(`${name}, ${ours}`, `${name}, ${ours}`, operations[kind]);
    add(`${name}, ${ours} with envelope`, `${name}, ${ours} with envelope`, 'XEP-0420 written and read, too');
    add(`${name}, ${theirs}`, `${name}, ${theirs}`, 'encrypt, serialise, decrypt');
    compare(name, `${name}, ${theirs}`, `${name}, ${ours}`);
    compare(`${name}, with envelope`, `${name}, ${theirs}`, `${name}, ${ours} with envelope`);
  }
  for (const { name } of kinds) {
    const durable = `durable, ${name}`;
    const counted = (contender: string): string => `${commitsText(commits.get(contender))} for each message`;
    for (const who of durableNames(name))
      add(`${durable}, ${who}`, `${durable}, ${who}`, counted(`${durable}, ${who}`));
    compare(durable, `${durable}, ${theirs}`, `${durable}, ${ours}`);
    if (name === 'one way') {
      compare(`${durable}, both in groups`, `${durable}, ${theirs} in groups`, `${durable}, ${ours}`);
    }
  }
  return {
    name: 'e2e',
    title: `End-to-end encryption beside libsignal (µs of a session or a message, both sides, ${plan.rounds} blocks)`,
    rows: rows.rows,
    footnotes,
  };
}

const setUpSteps: Readonly<Record<string, string>> = {
  'set-up': 'bundle read, first message sealed; opened',
  'set-up, A': 'bundle read, first message sealed',
  'set-up, B': 'first message opened, session kept',
  'keys offered': 'three keys made, two signatures',
};

/** The figure of a step, as a prefix; the whole has none. */
function figureOf(step: string): string {
  if (step === 'set-up') return '';
  return step === 'keys offered' ? 'offer, ' : `${step.at(-1)}, `;
}

function setUpContenders(crypto: Crypto): readonly Contender[] {
  const [simpp, signal] = [simppSetUp(crypto), signalSetUp()];
  return [
    { name: `set-up, ${ours}`, block: () => setUps(simpp, setUpsPerBlock) },
    { name: `set-up, ${theirs}`, block: () => setUps(signal, setUpsPerBlock) },
  ];
}

async function memoryContenders(crypto: Crypto): Promise<readonly Contender[]> {
  const talks: Readonly<Record<string, Talk>> = {
    [ours]: await simppTalk({ crypto }),
    [`${ours} with envelope`]: await simppTalk({ crypto, withEnvelope: true }),
    [theirs]: await signalTalk(),
  };
  return Object.entries(talks).flatMap(([who, talk]) =>
    kinds.map(({ kind, name }) => ({ name: `${name}, ${who}`, block: () => measured(talk, kind) })),
  );
}

/** The names of those whose state is on the disk. */
function durableNames(name: (typeof kinds)[number]['name']): readonly string[] {
  const all = [ours, `${ours} with archive`, theirs];
  return name === 'one way' ? [...all, `${theirs} in groups`] : all;
}

/** Each block has a session of its own: one of ours lasts for 1000 messages. */
function durableContenders(
  crypto: Crypto,
  folder: string,
  stack: DisposableStack,
  commits: Commits,
): readonly Contender[] {
  let files = 0;
  const simpp = {
    a: stack.use(new KeeperStore(crypto, folder, alice)),
    b: stack.use(new KeeperStore(crypto, folder, bob)),
  };
  const newTalks: Readonly<Record<string, () => Promise<[Talk, Committing]>>> = {
    [ours]: async () => [await simppTalk({ crypto, stores: simpp }), simpp],
    [`${ours} with archive`]: async () => [await simppTalk({ ...withArchive, crypto, stores: simpp }), simpp],
    [theirs]: () => signalDurable(false),
    [`${theirs} in groups`]: () => signalDurable(true),
  };
  const signal = {
    a: stack.use(new DurableSessions(join(folder, `signal-${++files}.db`))),
    b: stack.use(new DurableSessions(join(folder, `signal-${++files}.db`))),
  };
  const signalDurable = async (isGrouped: boolean): Promise<[Talk, Committing]> => [
    await signalTalk({ stores: signal, isGrouped }),
    signal,
  ];
  return kinds.flatMap(({ kind, name }) =>
    durableNames(name).map((who) => ({
      name: `durable, ${name}, ${who}`,
      async block() {
        const [talk, sides] = await newTalks[who]!();
        const before = sides.a.commits + sides.b.commits;
        const figures = await measured(talk, kind);
        const made = sides.a.commits + sides.b.commits - before;
        commits.set(`durable, ${name}, ${who}`, made / messagesPerBlock[kind]);
        return figures;
      },
    })),
  );
}

const withArchive: Pick<SimppTalkOptions, 'withEnvelope' | 'archives'> = { withEnvelope: true, archives: true };

interface Committing {
  readonly a: { readonly commits: number };
  readonly b: { readonly commits: number };
}

function measured(talk: Talk, kind: Kind): ReturnType<typeof used> {
  const messages = messagesPerBlock[kind];
  return used(messages, () => talk[kind](messages));
}

/** What a session and a message of ours take, counted. */
async function operationsOf(provider: Crypto): Promise<Record<Kind, string> & { setUp: Record<string, string> }> {
  const { crypto, taken } = countingCrypto(provider);
  const setUp = simppSetUp(crypto);
  const talk = await simppTalk({ crypto });
  taken(1);
  const offer = await setUp.offer();
  const offering = taken(1);
  const first = await setUp.begin(offer);
  const beginning = taken(1);
  await setUp.accept(first, offer);
  const accepting = taken(1);
  await talk.flood(messagesPerBlock.flood);
  const flood = taken(messagesPerBlock.flood);
  await talk.pingPong(messagesPerBlock.pingPong);
  const pingPong = taken(messagesPerBlock.pingPong);
  return { setUp: { 'keys offered': offering, 'set-up, A': beginning, 'set-up, B': accepting }, flood, pingPong };
}

function commitsText(commits: number | undefined): string {
  if (commits === undefined) throw new TypeError('a contender that did not run');
  return `${Math.round(commits * 1000) / 1000} commits`;
}

const footnotes = [
  'Both sides of a talk are in this process, and both count; CPU is that of the process in all its threads, with the kernel. A ratio above 1 says that ' +
    'SIMPP takes less. Messages have 200 bytes.',
  `SIMPP: shared/simpp with node:crypto, profile simpp-2: P-256, ML-KEM-768, AES-256-GCM. libsignal: its native Node client, version 0.103.0, as published: ` +
    'X25519, ML-KEM-1024, AES-256-CBC with HMAC, and a ratchet with post-quantum keys (SPQR), which ours has not: SIMPP has ML-KEM when a session ' +
    'begins, and begins one every 1000 messages or 7 days.',
  'set-up: from a bundle as bytes to a session on both sides, the first message sealed and opened. SIMPP checks device list, certificate, prekey and one-time ' +
    'key, B list and certificate of A and the signature of C3; libsignal checks two signatures.',
  `one way: messages of one side only; ${messagesPerTurn} in a turn. SIMPP has the whole of C6 with a wrap for one device, its digest, and the empty answers that ` +
    '§9.3 asks for. to and fro: each message answers the one before, so each makes a step of the ratchet: a key pair and two ECDH.',
  'durable: both sides wait for the disk, SQLite with WAL and synchronous = FULL for both. SIMPP: sessions as proxy/store/endtoend keeps them, sealed, a lease ' +
    `of 64 sends, one commit for what a turn of ${messagesPerTurn} messages changed. with archive: the message too, in its envelope, as the proxy does. libsignal: each saved session record ` +
    'is written and committed, unsealed; it is not read back. in groups: as many in one transaction as ours.',
];
