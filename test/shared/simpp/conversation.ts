// Two devices in a session, in memory, for the tests of docs/protocol.md §9.2
// to §9.4.
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { acceptSession, type AcceptedSession, type FirstWrap } from '../../../shared/simpp/accept-session.ts';
import { beginSession } from '../../../shared/simpp/begin-session.ts';
import { openBundle } from '../../../shared/simpp/contact-bundle.ts';
import { wrap as wrapMessage, type Wrap } from '../../../shared/simpp/end-to-end-messages.ts';
import { openWrap, sealWrap, type Session } from '../../../shared/simpp/session.ts';
import { contextOf, keysOf, newPerson, now, ownDevice, SkippedStore, type TestPerson } from './people.ts';

export const alice = 'alice@example.test';
export const bob = 'bob@example.test';

/** k ‖ binding, told apart by their number. */
export const plaintext = (number = 0): Uint8Array => new Uint8Array(64).fill(number);

/** Alice begins with a device of Bob. */
export function begin(crypto: Crypto, a: TestPerson, b: TestPerson, at = 0, raw = b.bundle): Session {
  const bundle = openBundle(crypto, b.jid, raw, now);
  const device = bundle.devices[at]!;
  const { jid, kuA, list } = bundle;
  return beginSession(contextOf(crypto), ownDevice(crypto, a), { jid, kuA, listVersion: list.version, device });
}

/** The wrap that a first message brings, and where it came from. */
export function first(a: TestPerson, wrap: Uint8Array): FirstWrap {
  return { fromJid: a.jid, senderDeviceId: a.devices[0]!.body.deviceId, wrap: wrapMessage.decode(wrap) };
}

export function accept(crypto: Crypto, b: TestPerson, from: FirstWrap, at = 0): AcceptedSession {
  return acceptSession(contextOf(crypto), ownDevice(crypto, b, at), from, keysOf(b.devices[at]!));
}

/** One end: its session and skipped keys, moved on by what it does. */
export class End {
  readonly #crypto: Crypto;
  readonly skipped = new SkippedStore();
  session: Session;

  constructor(crypto: Crypto, session: Session) {
    this.#crypto = crypto;
    this.session = session;
  }

  seal(number = 0): Uint8Array {
    const { session, wrap } = sealWrap(contextOf(this.#crypto), this.session, plaintext(number));
    this.session = session;
    return wrap;
  }

  /** Commits only what opened. */
  open(wrap: Uint8Array | Wrap): Uint8Array {
    const decoded = wrap instanceof Uint8Array ? wrapMessage.decode(wrap) : wrap;
    const opened = openWrap(contextOf(this.#crypto), this.session, decoded, this.skipped.find);
    this.session = opened.session;
    this.skipped.keep(opened.skipped);
    return opened.plaintext;
  }
}

/** Alice and Bob after Bob has accepted her first message. */
export function conversation(crypto: Crypto): {
  readonly a: End;
  readonly b: End;
  readonly people: { readonly a: TestPerson; readonly b: TestPerson };
} {
  const people = { a: newPerson(crypto, alice), b: newPerson(crypto, bob) };
  const a = new End(crypto, begin(crypto, people.a, people.b));
  const b = new End(crypto, accept(crypto, people.b, first(people.a, a.seal())).session);
  return { a, b, people };
}
