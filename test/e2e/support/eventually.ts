// Waiting for something that announces itself to nobody: a file, a counter, a
// line in a log. Looked at again and again, but only for so long.
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 25;
const defaultTimeoutMs = 15_000;

/** The first answer that is neither undefined nor false; fails at the deadline, saying what never came. */
export async function eventually<Answer>(
  what: string,
  look: () => Answer | Promise<Answer>,
  timeoutMs = defaultTimeoutMs,
): Promise<Exclude<Answer, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await look();
    // as: just excluded.
    if (answer !== undefined && answer !== false) return answer as Exclude<Answer, undefined | false>;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(pollMs);
  }
}
