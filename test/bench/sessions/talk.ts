// Two devices in a session, whoever's protocol it is: what is measured of both
// alike, message by message.

/** How many messages one device writes in one turn of the event loop when it floods. */
export const messagesPerTurn = 16;

/** As long as people's usual messages. */
export const messageBytes = 200;

export interface Talk {
  /** So many messages one way, sealed and opened. */
  flood(messages: number): Promise<void>;
  /** So many messages, each the answer to the one before. */
  pingPong(messages: number): Promise<void>;
}

/** Sealed and opened by one of the two; what it stands on is durable when it is done. */
export interface End<Sealed> {
  seal(messages: number): Promise<readonly Sealed[]>;
  open(sealed: readonly Sealed[]): Promise<void>;
}

/** `answer` runs after each turn of a flood, for a protocol that asks for an answer now and then. */
export function talkOf<Sealed>(a: End<Sealed>, b: End<Sealed>, answer?: () => Promise<void>): Talk {
  return {
    async flood(messages) {
      for (let left = messages; left > 0; left -= messagesPerTurn) {
        await b.open(await a.seal(Math.min(left, messagesPerTurn)));
        await answer?.();
      }
    },
    async pingPong(messages) {
      for (let sent = 0; sent < messages; sent += 2) {
        await b.open(await a.seal(1));
        await a.open(await b.seal(1));
      }
    },
  };
}
