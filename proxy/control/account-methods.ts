// What the running proxy does with stored accounts for others, since it alone
// may open the database. No answer holds a secret.

import { z } from 'zod';
import { errorTable, type ErrorCode } from '../../shared/errors.ts';
import { request } from './declare.ts';

const nothing = z.strictObject({});
const name = z.string().min(1).max(3071);

/** The stored accounts, as proxy/store/account-facts.ts says them. */
export const listAccounts = request(
  'accounts/list',
  nothing,
  z.object({
    accounts: z.array(
      z.object({
        name: z.string(),
        hasPassword: z.boolean(),
        state: z.enum(['none', 'registered', 'pending']).optional(),
        device: z.string().optional(),
        fingerprint: z.string().optional(),
        lastLogin: z.int().optional(),
      }),
    ),
  }),
);

/** Removes an account with its keys, and ends its connections. */
export const removeAccount = request('accounts/remove', z.strictObject({ name }), z.object({ removed: z.boolean() }));

/** Logs in with the stored password of a JID's set-up, and out again. */
export const tryAccount = request(
  'accounts/try-login',
  z.strictObject({ name }),
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('accepted'),
      mechanism: z.string(),
      abilities: z.array(z.enum(['stream management', 'message archive', 'carbons', 'PEP'])),
      serverTime: z.number().optional(),
    }),
    z.object({
      kind: z.literal('failed'),
      code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]), // the keys of a literal
      text: z.string(),
    }),
  ]),
);
