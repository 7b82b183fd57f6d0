// The first words on a new connection to a server whose session is to go on: the
// stream opens as the client opened it, and instead of binding a resource the
// session is resumed (XEP-0198 §5).

import { SimppError } from '../../shared/errors.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { readSm, writeResume } from '../../shared/xmpp/stream-management.ts';
import type { Leg } from '../leg.ts';
import type { ResumeRequest } from '../stages/stage.ts';
import { Deadline } from './deadline.ts';
import { nextElement, openStreamWith } from './opening.ts';

export type ResumeAnswer =
  /** The stanzas that the server has handled, and the bindings of its new stream. */
  | { readonly kind: 'resumed'; readonly h: number; readonly bindings: Bindings }
  /** The session is gone; the stream is open. */
  | { readonly kind: 'failed'; readonly h: number | undefined };

const timeoutMs = 30_000;

/** Resumes a session on a stream that is logged in; throws SimppError when the server does not get to say yes or no. */
export async function resumeUpstream(leg: Leg, request: ResumeRequest, signal: AbortSignal): Promise<ResumeAnswer> {
  const tooSlow = (): SimppError => new SimppError('too-slow', 'The server did not resume the session in time.');
  using deadline = new Deadline({ timeoutMs, tooSlow, signal });
  deadline.watch(leg.stream);
  const { scope } = await openStreamWith(leg, request.header);
  leg.write(writeResume(request.namespace, request.previd, request.h));
  for (;;) {
    const answer = readSm(await nextElement(leg, scope), scope);
    if (answer?.kind === 'failed') return answer;
    if (answer?.kind !== 'resumed') continue;
    if (answer.h === undefined) throw new SimppError('unexpected-element', 'The server resumed without a count.');
    return { kind: 'resumed', h: answer.h, bindings: scope };
  }
}
