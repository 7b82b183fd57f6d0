// What a running gateway does with its directory for the operator, since it
// alone may open a database of its own.

import { z } from 'zod';
import { resetChoices } from '../gateway/reset.ts';
import { request } from './declare.ts';

/** Lets another account key take a JID, or cancels that. */
export const resetJid = request(
  'gateway/reset',
  z.strictObject({ jid: z.string().min(1).max(3071), choice: z.enum(resetChoices) }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('allowed'), dueAt: z.int(), expiresAt: z.int() }),
    z.object({ kind: z.literal('cancelled'), had: z.boolean() }),
    z.object({ kind: z.literal('unknown') }),
  ]),
);
