// What the end-to-end stage of a stream and the person's own end-to-end engine
// (proxy/endtoend) say to each other. The stage keeps order and counts, the
// engine has keys, contacts and archive. An errand's outcome is stanzas: those
// that go up in place of what came, and those that go down.
import type { Bindings } from '../../shared/xml/tag.ts';

/** Which way a stanza went when the stage claimed it. */
export type Claim =
  /** From the client: a message to somebody, whose content is to be sealed. */
  | 'seal'
  /** From the server: a message, or one within a copy or a result of history, to be opened or judged. */
  | 'open'
  /** From the client, for the virtual contact (transparency.md §5: simpp.invalid): message, iq or presence. */
  | 'command'
  /** From the server: the answer to the client's request for its roster. */
  | 'roster';

/** What the stage wants done. */
export type Errand =
  /** The server has bound this full JID; the client hears of it with the news `ready`. */
  | { readonly kind: 'bound'; readonly jid: string; readonly lang: string | undefined }
  /** A claimed stanza; `ticket` counts up in the stream. Its outcome is the news `done`, at once or later. */
  | {
      readonly kind: 'claimed';
      readonly claim: Claim;
      readonly ticket: number;
      readonly stanza: Uint8Array;
      readonly scope: Bindings;
      /** For results of history: whether a query with its id is running on this stream (CVE-2017-5589 class). */
      readonly isAskedFor: boolean;
    }
  /** The answer, result or error, to a request that the engine has sent on this stream. */
  | { readonly kind: 'answered'; readonly stanza: Uint8Array; readonly scope: Bindings }
  /** The stream is over. */
  | { readonly kind: 'gone' };

/** What comes of it, and what the engine says unasked. */
export type News =
  /** The keys are published, or cannot be for now: the bind result goes on. */
  | { readonly kind: 'ready' }
  /** A claimed stanza became these; none at all swallows it. `isDurable` false: its arrival is not confirmed before `durable`. */
  | {
      readonly kind: 'done';
      readonly ticket: number;
      readonly up: readonly Uint8Array[];
      readonly down: readonly Uint8Array[];
      readonly isDurable: boolean;
    }
  /** What the stanza with this ticket brought is on the disk. */
  | { readonly kind: 'durable'; readonly ticket: number }
  /** A stanza of the engine's own for the server: a request with an id of `ownIdPrefix`, or a message. */
  | { readonly kind: 'send'; readonly stanza: Uint8Array }
  /** A stanza of the engine's own for the client: a word of the virtual contact. */
  | { readonly kind: 'show'; readonly stanza: Uint8Array }
  /** Something is wrong that no stanza can carry; the stream ends as failed. */
  | { readonly kind: 'failed'; readonly error: Error };

/** Tells the stage something, at any time until the stream is over. */
export type Tell = (news: News) => void;

/** One stream's way to the engine of its person. */
export type RunErrand = (errand: Errand, tell: Tell) => void;
