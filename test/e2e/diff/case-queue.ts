// Plays cases ahead of the tests that ask for them: several at a time, each in
// all its modes at once; those that stop the server one by one, at the end.
import { compare, type Played } from './compare.ts';
import type { Mode } from './modes.ts';
import { play } from './player.ts';
import type { Case } from './script.ts';
import { ServerSwitch } from './server-switch.ts';
import type { World } from './worlds.ts';

const casesAtOnce = 2;

export class CaseQueue {
  readonly #cases: readonly Case[];
  readonly #modes: readonly Mode[];
  readonly #found = new Map<Case, PromiseWithResolvers<readonly string[]>>();

  constructor(cases: readonly Case[], modes: readonly Mode[]) {
    this.#cases = cases;
    this.#modes = modes;
    for (const each of cases) {
      const found = Promise.withResolvers<readonly string[]>();
      // A failure is reported by the test that waits for it, which may come later.
      found.promise.catch(() => undefined);
      this.#found.set(each, found);
    }
  }

  start(world: World): void {
    void this.#run(world);
  }

  /** What went differently in this case, mode by mode. */
  async differences(of: Case): Promise<readonly string[]> {
    return (await this.#found.get(of)?.promise) ?? [];
  }

  async #run(world: World): Promise<void> {
    const isLonely = ({ isDisruptive, isAlone }: Case): boolean => isDisruptive || isAlone;
    const peaceful = this.#cases.filter((each) => !isLonely(each)).values();
    const worker = async (): Promise<void> => {
      for (const each of peaceful) await this.#playInAllModes(each, world);
    };
    await Promise.all(Array.from({ length: casesAtOnce }, worker));
    for (const each of this.#cases.filter(isLonely)) await this.#playInAllModes(each, world);
  }

  async #playInAllModes(what: Case, world: World): Promise<void> {
    const found = this.#found.get(what);
    try {
      found?.resolve(await differencesOf(what, this.#modes, world));
    } catch (error) {
      found?.reject(error);
    }
  }
}

async function differencesOf(what: Case, all: readonly Mode[], world: World): Promise<readonly string[]> {
  const modes = all.filter(({ proxied }) => proxied === undefined || what.logins.includes(proxied.login));
  const server = new ServerSwitch(world.server, modes.length);
  const playIn = async (mode: Mode): Promise<Played> => {
    try {
      const { domain, guestDomain } = mode;
      const { host, port } = world.place(mode);
      const stage = { host, port, domain, guestDomain, server: server.flip };
      const view = { domain, guestDomain, script: what.text };
      const recordings = await play(what, stage);
      const { login, endToEnd } = mode.proxied ?? {};
      return { server: world.name, recordings, view, login, isEncrypted: endToEnd === 'prefer' };
    } finally {
      server.leave();
    }
  };
  const plays: PromiseSettledResult<Played>[] = [];
  if (what.isAlone) for (const mode of modes) plays.push(...(await Promise.allSettled([playIn(mode)])));
  else plays.push(...(await Promise.allSettled(modes.map(playIn))));
  const [first, ...others] = plays;
  if (first?.status !== 'fulfilled')
    throw new Error(`directly: ${String(first?.reason)}\nThe server's log ends:\n${world.server.log}`);
  return others.flatMap((outcome, index) => {
    const text = outcome.status === 'fulfilled' ? compare(first.value, outcome.value) : String(outcome.reason);
    return text === '' ? [] : [`${modes[index + 1]?.name}:\n${text}`];
  });
}
