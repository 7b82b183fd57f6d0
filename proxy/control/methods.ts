// Every method of the control socket. The CLI and the extension are clients;
// the running role is the server. Additions keep old clients working: results
// may gain keys, never lose them.

import { z } from 'zod';
import { logLevels } from '../log.ts';
import { notification, request } from './declare.ts';
import { statusFacts } from './end-to-end-methods.ts';

const nothing = z.strictObject({});
const counters = z.record(z.string(), z.number());

/** A set-up in a proxy's status. */
const setupStatus = z.object({
  name: z.string(),
  kind: z.enum(['jid', 'domain']),
  mode: z.enum(['gateway', 'direct']),
  /** Where it goes: the gateway's or the server's host:port, absent when found by DNS. */
  via: z.string().optional(),
  profile: z.enum(['simpp-2', 'classic']).optional(),
  /** Of the pinned gateway key. */
  fingerprint: z.string().optional(),
  connections: z.int(),
  /** When the oldest of them began. */
  since: z.iso.datetime().optional(),
  counters: counters.optional(),
});

const common = {
  version: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime(),
  uptimeSeconds: z.int(),
  listen: z.array(z.string()),
  counters,
};

/** Status of a proxy. */
export const proxyStatus = z.object({
  role: z.literal('proxy'),
  ...common,
  /** Where clients begin TLS by STARTTLS, and at once. */
  listenStarttls: z.array(z.string()).optional(),
  listenTls: z.array(z.string()).optional(),
  connections: z.object({ opening: z.int(), open: z.int() }),
  setups: z.array(setupStatus),
  /** Of each account that has end-to-end encryption; absent in a proxy of before. */
  endToEnd: z.array(statusFacts).readonly().optional(),
});

/** Status of a gateway. */
export const gatewayStatus = z.object({
  role: z.literal('gateway'),
  ...common,
  connections: z.object({ opening: z.int(), simpp: z.int(), spliced: z.int() }),
  domains: z.array(z.string()),
  server: z.string(),
  profile: z.enum(['simpp-2', 'classic']),
  guest: z.enum(['allow', 'refuse']),
  plainClients: z.enum(['splice', 'refuse']),
  fingerprint: z.string(),
  /** With the real port. */
  invite: z.string(),
});

/** What a role says about itself. */
export const roleStatus = z.discriminatedUnion('role', [proxyStatus, gatewayStatus]);
export type RoleStatus = z.output<typeof roleStatus>;
export type ProxyRoleStatus = z.output<typeof proxyStatus>;
export type GatewayRoleStatus = z.output<typeof gatewayStatus>;
export type SetupStatus = z.output<typeof setupStatus>;

/** An event of the log. */
export const logRecord = z.object({
  time: z.string(),
  level: z.enum(logLevels),
  event: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** Uptime, listeners, connections, set-ups or domains, counters. */
export const status = request('status', nothing, roleStatus);

/** Reads the configuration again; answers which settings count from now on, and what counts after a restart only. */
export const reload = request(
  'reload',
  nothing,
  z.object({ taken: z.array(z.string()).default([]), notes: z.array(z.string()) }),
);

/** Stores the password of a JID's set-up, since the running proxy owns the database. */
export const putPassword = request(
  'credentials/put-password',
  z.strictObject({ jid: z.string(), password: z.string().min(1).max(4096) }),
  z.object({}),
);

/** Makes a local authority for the set-ups, unless there is one, and writes its certificate into the folder. */
export const makeAuthority = request('authority/make', nothing, z.object({}));

/** The recent events of at least a level; with `follow`, later ones arrive as `log/record`. */
export const logSubscribe = request(
  'log/subscribe',
  z.strictObject({ level: z.enum(logLevels), count: z.int().min(0).max(10_000), follow: z.boolean() }),
  z.object({ records: z.array(logRecord) }),
);

/** One new event. */
export const logRecordNotification = notification('log/record', logRecord);

/** Stops the role; answered before it stops. */
export const stop = request('stop', nothing, z.object({}));
