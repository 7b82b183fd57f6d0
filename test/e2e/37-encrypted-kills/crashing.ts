// A proxy that will die at a named moment and is started again at once, without
// the wish to die, as an operating system's service would be.
import { eventually } from '../support/eventually.ts';
import type { CrashPoint } from '../../../proxy/endtoend/crash-points.ts';
import type { ProxySide } from '../support/proxy-side.ts';

export interface Crash extends AsyncDisposable {
  /** Waits until it has died there and is back; fails when the point was never reached. */
  happened(): Promise<void>;
}

const reachedMs = 20_000;

export async function crashing(proxy: ProxySide, point: CrashPoint, time = 1): Promise<Crash> {
  await proxy.stop();
  await proxy.run({ SIMPP_CRASH_AT: `${point}:${time}` });
  let isBack = false;
  let isOver = false;
  const watched = (async () => {
    const exit = await proxy.role.exited;
    if (isOver) return;
    if (exit.signal !== 'SIGKILL') throw new Error(`the proxy ended by itself:\n${proxy.role.log}`);
    await proxy.run();
    isBack = true;
  })();
  // Reported by whoever waits for it.
  watched.catch(() => undefined);
  return {
    happened: async () => {
      await Promise.race([watched, eventually(`${point} reached ${time} times`, () => isBack, reachedMs)]);
    },
    async [Symbol.asyncDispose]() {
      isOver = !isBack;
      if (isOver) await proxy.restart();
    },
  };
}
