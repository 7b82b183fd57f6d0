// Sessions that clients have left and may resume, whose ids and counts only the
// proxy can translate. In memory: what a restart forgets, its client is told not
// to be found, as from a server that was restarted.
/** The oldest give way. */
const maxSessions = 1000;

export class Hibernation<Session extends { readonly maxMs: number }> {
  readonly #sessions = new Map<string, { readonly session: Session; readonly untilMs: number }>();
  readonly #now: () => number;

  /** `now` gives milliseconds from any point. */
  constructor(now: () => number) {
    this.#now = now;
  }

  keep(id: string, session: Session): void {
    const nowMs = this.#now();
    for (const [other, { untilMs }] of this.#sessions) {
      if (untilMs <= nowMs || this.#sessions.size >= maxSessions) this.#sessions.delete(other);
    }
    this.#sessions.set(id, { session, untilMs: nowMs + session.maxMs });
  }

  /** The session with the id that its client knows; undefined when it is unknown or its time is over. */
  recall(id: string): Session | undefined {
    const kept = this.#sessions.get(id);
    return kept !== undefined && kept.untilMs > this.#now() ? kept.session : undefined;
  }
}
