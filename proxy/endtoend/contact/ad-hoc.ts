// Ad-hoc commands (XEP-0050 1.3): the commands of the chat, for clients that
// show forms. A command without a form is done at once; one with a form has a
// session until the form comes back.
import { element, escapeText, type Xml } from '../../../shared/xml/write.ts';
import type { Child } from '../../../shared/xmpp/stanza.ts';
import type { CommandName } from './command.ts';
import { adHocCommands, commandNamed } from './disco.ts';
import { formOf, readSubmission, type Submission } from './form.ts';
import { refusal, result, type Fault, type Request } from './iq-answer.ts';
import type { Words } from './words/words.ts';

const maxSessions = 16;
const sessionMs = 10 * 60_000;

const actions = ['execute', 'complete', 'next', 'prev', 'cancel'] as const;

export interface AdHocSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A fresh id. */
  readonly id: () => string;
  /** What the chat would answer to this text. */
  readonly answer: (text: string, words: Words) => Promise<string>;
}

export class AdHoc {
  readonly #around: AdHocSurroundings;
  /** By session id, the oldest first. */
  readonly #sessions = new Map<string, { readonly name: CommandName; readonly begunAt: number }>();

  constructor(around: AdHocSurroundings) {
    this.#around = around;
  }

  /** The answer to an IQ `set` with this `<command/>`. */
  async execute(request: Request, command: Child, words: Words): Promise<Uint8Array> {
    const { attributes } = command.tag;
    const name = commandNamed(attributes.get('node'));
    const action = actions.find((each) => each === (attributes.get('action') ?? 'execute'));
    const sessionId = attributes.get('sessionid');
    if (name === undefined) return refusal(request, { type: 'cancel', condition: 'item-not-found' });
    if (action === undefined) return refusal(request, specific('bad-request', 'malformed-action'));
    if (sessionId === undefined) {
      // XEP-0050 §3.3: only `execute` begins.
      return action === 'execute'
        ? this.#begin(request, name, words)
        : refusal(request, specific('bad-request', 'bad-action'));
    }
    const session = this.#sessions.get(sessionId);
    if (session?.name !== name) return refusal(request, specific('bad-request', 'bad-sessionid'));
    if (this.#around.now() - session.begunAt >= sessionMs) {
      this.#sessions.delete(sessionId);
      return refusal(request, specific('not-allowed', 'session-expired'));
    }
    if (action === 'prev') return refusal(request, specific('bad-request', 'bad-action'));
    const submission: Submission = action === 'cancel' ? { kind: 'cancel' } : readSubmission(name, command);
    if (submission.kind === 'unreadable') return refusal(request, specific('bad-request', 'bad-payload'));
    this.#sessions.delete(sessionId);
    if (submission.kind === 'cancel') return result(request, commandElement(name, sessionId, 'canceled'));
    return this.#complete(request, name, sessionId, submission.text, words);
  }

  async #begin(request: Request, name: CommandName, words: Words): Promise<Uint8Array> {
    const sessionId = this.#around.id();
    const form = formOf(name, words);
    if (form === undefined) return this.#complete(request, name, sessionId, name, words);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= maxSessions && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(sessionId, { name, begunAt: this.#around.now() });
    const allowed = element('actions', { execute: 'complete' }, element('complete'));
    return result(request, commandElement(name, sessionId, 'executing', allowed, form));
  }

  async #complete(
    request: Request,
    name: CommandName,
    sessionId: string,
    text: string,
    words: Words,
  ): Promise<Uint8Array> {
    const note = element('note', { type: 'info' }, escapeText(await this.#around.answer(text, words)));
    return result(request, commandElement(name, sessionId, 'completed', note));
  }
}

function commandElement(
  node: CommandName,
  sessionid: string,
  status: 'executing' | 'completed' | 'canceled',
  ...content: readonly Xml[]
): Xml {
  return element('command', { xmlns: adHocCommands, node, sessionid, status }, ...content);
}

/** A condition of XEP-0050 §3.5 beside the one of RFC 6120. */
function specific(condition: Fault['condition'], detail: string): Fault {
  return {
    type: condition === 'not-allowed' ? 'cancel' : 'modify',
    condition,
    detail: element(detail, { xmlns: adHocCommands }),
  };
}
