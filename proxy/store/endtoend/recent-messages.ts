// The last messages of this run, for an archive that keeps none: copies and
// bounces of them still open, and nothing of them touches the disk.
import type { ArchivedMessage } from '../../endtoend/records.ts';

const maxMessages = 2000;

interface Entry {
  readonly message: ArchivedMessage;
  readonly group: number;
}

export class RecentMessages {
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();

  get(digest: string): ArchivedMessage | undefined {
    return this.#entries.get(digest)?.message;
  }

  /** The newest first. */
  newestFirst(): readonly ArchivedMessage[] {
    return [...this.#entries.values()].map(({ message }) => message).toReversed();
  }

  /** `group` is the number of the group commit that this belongs to. */
  put(message: ArchivedMessage, group: number): void {
    this.#entries.delete(message.digest);
    this.#entries.set(message.digest, { message, group });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxMessages) break;
      this.#entries.delete(oldest);
    }
  }

  /** That group was lost: its messages were neither sent nor read. */
  drop(group: number): void {
    for (const [digest, entry] of this.#entries) if (entry.group === group) this.#entries.delete(digest);
  }
}
