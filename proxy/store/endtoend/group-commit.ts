// Group commit (docs/protocol.md §9.8): all that is put by all accounts in one
// turn of the event loop, or in some milliseconds where nobody is kept waiting,
// is one transaction and one wait for the disk. When it fails, all of the group
// has failed: nobody may send or acknowledge on its strength, and whoever
// remembers what was put must forget it.
import type { Reached } from '../../endtoend/crash-points.ts';
import type { Database } from '../sqlite.ts';
import { storageError } from '../storage-error.ts';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'open' }
  /** Until the end of the turn: what was put in it is gone, so nothing more is taken in it. */
  | { readonly kind: 'lost'; readonly error: unknown };

const idle: State = { kind: 'idle' };

/** A group that nobody waits for is committed after this long. */
const latestMs = 2;

export class GroupCommit {
  readonly #database: Database;
  readonly #reached: Reached;
  readonly #listeners = new Set<(group: number) => void>();
  #number = 0;
  #state: State = idle;
  #waiting: PromiseWithResolvers<void> | undefined;
  #endOfTurn: NodeJS.Immediate | undefined;
  #latest: NodeJS.Timeout | undefined;

  constructor(database: Database, reached: Reached) {
    this.#database = database;
    this.#reached = reached;
  }

  /** Runs statements that write, as part of this turn's group, which has a number. One that fails is the group's failure. */
  put<T>(body: (group: number) => T): T {
    if (this.#state.kind === 'lost') throw this.#state.error;
    try {
      if (this.#state.kind === 'idle') this.#begin();
      return body(this.#number);
    } catch (error) {
      this.#lose(error);
      throw error;
    }
  }

  /**
   * Resolves when all that was put so far is on the disk; rejects when it is
   * lost. To be called in the turn of the puts: later, a loss is history.
   */
  durable(): Promise<void> {
    if (this.#state.kind === 'open') this.#atEndOfTurn();
    return this.durableSoon();
  }

  /**
   * The same for what nobody is kept waiting by: it is committed with whatever else is put within some milliseconds.
   * What came from a server is: it has been shown, and only the acknowledgement waits.
   */
  durableSoon(): Promise<void> {
    switch (this.#state.kind) {
      case 'idle':
        return Promise.resolve();
      case 'open':
        return (this.#waiting ??= Promise.withResolvers<void>()).promise;
      case 'lost':
        return Promise.reject(storageError(this.#state.error, this.#database.path));
    }
  }

  /** Commits now; throws when what was put is lost. */
  flush(): void {
    if (this.#state.kind === 'lost') throw this.#state.error;
    if (this.#state.kind === 'open') this.#commit();
  }

  /** Calls the listener whenever a group was lost, before anything else runs; the function ends that. */
  onLost(listener: (group: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #begin(): void {
    this.#latest = setTimeout(() => this.#endGroup(), latestMs);
    this.#number++;
    this.#database.begin();
    this.#state = { kind: 'open' };
  }

  /** setImmediate comes right after all that the network has brought: the widest group that delays nothing. */
  #atEndOfTurn(): void {
    clearImmediate(this.#endOfTurn);
    this.#endOfTurn = setImmediate(() => this.#endGroup());
  }

  #endGroup(): void {
    clearTimeout(this.#latest);
    if (this.#state.kind === 'lost') this.#state = idle;
    if (this.#state.kind !== 'open') return;
    try {
      this.#commit();
    } catch {
      // Said already, to those who wait and to the listeners.
    }
  }

  #commit(): void {
    clearTimeout(this.#latest);
    try {
      this.#reached('commit.before');
      this.#database.commit();
    } catch (error) {
      this.#lose(error);
      throw error;
    }
    this.#state = idle;
    this.#reached('commit.after');
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  #lose(error: unknown): void {
    if (this.#state.kind === 'lost') return;
    this.#state = { kind: 'lost', error };
    this.#atEndOfTurn();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(storageError(error, this.#database.path));
    try {
      this.#database.rollback();
    } finally {
      for (const listener of this.#listeners) listener(this.#number);
    }
  }
}
