// How methods of the control socket are declared: once each, with schemas that
// both ends check what they receive against.

import type { z } from 'zod';

/** A question with an answer. */
export interface Request<Params extends z.ZodType, Result extends z.ZodType> {
  readonly kind: 'request';
  readonly method: string;
  readonly params: Params;
  readonly result: Result;
}

/** A message without an answer. */
export interface Notification<Params extends z.ZodType> {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: Params;
}

/** Declares a request. */
export function request<Params extends z.ZodType, Result extends z.ZodType>(
  method: string,
  params: Params,
  result: Result,
): Request<Params, Result> {
  return { kind: 'request', method, params, result };
}

/** Declares a notification. */
export function notification<Params extends z.ZodType>(method: string, params: Params): Notification<Params> {
  return { kind: 'notification', method, params };
}
