// End-to-end encryption over the control socket: one request for each operation
// of the Desk (proxy/endtoend/desk.ts), with the account that it is about. No
// answer holds a secret but that of `e2e/recovery-phrase`, whose purpose it is.
import { z } from 'zod';
import { annotations, policies, trustStates } from '../endtoend/desk.ts';
import { request } from './declare.ts';

const jid = z.string().min(1).max(3071);
const account = jid;
const ofAccount = z.strictObject({ account });
const ofContact = z.strictObject({ account, jid });
const deviceId = z.string().regex(/^[0-9a-f]{32}$/);
const text = z.string().max(4096);
const passphrase = z.string().min(1).max(1024);
const done = z.object({});

export const deviceFacts = z.object({
  id: z.string(),
  state: z.enum(['listed', 'new', 'waiting', 'skipped', 'removed']),
  isThis: z.boolean(),
  since: z.number(),
  lastSeen: z.number().optional(),
  code: z.string().optional(),
  note: z.string().optional(),
});

export const contactFacts = z.object({
  jid: z.string(),
  trust: z.enum(trustStates),
  fingerprint: z.string().optional(),
  nextFingerprint: z.string().optional(),
  policy: z.enum(policies),
  isOwnPolicy: z.boolean(),
  devices: z.array(deviceFacts).readonly(),
  blocked: z.string().optional(),
  lastMessage: z.number().optional(),
});

export const statusFacts = z.object({
  jid: z.string(),
  policy: z.enum(policies),
  annotate: z.enum(annotations),
  trustPolicy: z.enum(['blind', 'manual']),
  fingerprint: z.string().optional(),
  verifyUri: z.string().optional(),
  recovery: z.enum(['unseen', 'shown', 'gone']).optional(),
  device: z.string().optional(),
  deviceState: z.enum(['registered', 'waiting', 'none']),
  isPublished: z.boolean(),
  code: z.string().optional(),
  directories: z.array(z.enum(['gateway', 'pep'])).readonly(),
  contacts: z.number(),
  verified: z.number(),
  outbox: z.number(),
  retention: z.string(),
  alarms: z.array(z.string()).readonly(),
});

const verificationFacts = z.object({
  contact: z.string(),
  state: z.enum(['asked', 'comparing', 'confirmed', 'failed', 'over']),
  ours: z.string().optional(),
  attemptsLeft: z.number().optional(),
});

const outboxFacts = z.object({
  number: z.number(),
  to: z.string(),
  at: z.number(),
  reason: z.string(),
  text: z.string(),
});

const historyFacts = z.object({
  at: z.number(),
  contact: z.string(),
  isOwn: z.boolean(),
  text: z.string(),
  state: z.enum(['encrypted', 'plaintext', 'unreadable']),
});

const devices = z.object({ devices: z.array(deviceFacts).readonly() });

/** The accounts that the others can be about. */
export const listEndToEnd = request(
  'e2e/accounts',
  z.strictObject({}),
  z.object({ accounts: z.array(z.string()).readonly() }),
);

export const deskStatus = request('e2e/status', ofAccount, statusFacts);

export const listContacts = request(
  'e2e/contacts',
  ofAccount,
  z.object({ contacts: z.array(contactFacts).readonly() }),
);
/** Fetches the contact's keys anew first. */
export const showContact = request('e2e/contact', ofContact, contactFacts);
/** `fingerprint`: 60 digits, or the text of a QR code; without it the person has compared them. */
export const verifyContact = request(
  'e2e/verify',
  z.strictObject({ account, jid, fingerprint: z.string().max(8192).optional() }),
  contactFacts,
);
export const decideContact = request(
  'e2e/decide',
  z.strictObject({ account, jid, decision: z.enum(['accept', 'refuse', 'reset']) }),
  contactFacts,
);

/** Begins, or answers, a verification by six digits. */
export const startVerification = request('e2e/verification-start', ofContact, verificationFacts);
export const typeVerification = request(
  'e2e/verification-type',
  z.strictObject({ account, jid, typed: z.string().max(64) }),
  verificationFacts,
);
/** Changes nothing. */
export const showVerification = request('e2e/verification', ofContact, verificationFacts);

/** Of a contact, or of the account where there is no `jid`. */
export const setPolicy = request(
  'e2e/set-policy',
  z.strictObject({ account, jid: jid.optional(), policy: z.enum([...policies, 'default']) }),
  done,
);
export const setTrustPolicy = request(
  'e2e/set-trust-policy',
  z.strictObject({ account, policy: z.enum(['blind', 'manual']) }),
  done,
);
export const setAnnotate = request(
  'e2e/set-annotate',
  z.strictObject({ account, annotate: z.enum(annotations) }),
  done,
);
export const setRetention = request(
  'e2e/set-retention',
  z.strictObject({ account, retention: z.union([z.enum(['keep', 'none']), z.int().min(1).max(36_500)]) }),
  done,
);

export const listDevices = request('e2e/devices', ofAccount, devices);
export const approveDevice = request('e2e/approve-device', z.strictObject({ account, id: deviceId }), devices);
export const removeDevice = request('e2e/remove-device', z.strictObject({ account, id: deviceId }), devices);

/** The words stand in the request alone. */
export const recover = request('e2e/recover', z.strictObject({ account, phrase: z.string().max(1024) }), statusFacts);
/** The twelve words, where they are kept. */
export const recoveryPhrase = request('e2e/recovery-phrase', ofAccount, z.object({ phrase: z.string().optional() }));
export const forgetRecovery = request('e2e/forget-recovery', ofAccount, done);

export const listOutbox = request('e2e/outbox', ofAccount, z.object({ messages: z.array(outboxFacts).readonly() }));
/** All of it without a number. */
export const resendOutbox = request(
  'e2e/resend',
  z.strictObject({ account, number: z.int().optional() }),
  z.object({ sent: z.number() }),
);
export const discardOutbox = request(
  'e2e/discard',
  z.strictObject({ account, number: z.int().optional() }),
  z.object({ discarded: z.number() }),
);

export const maxFound = 500;

export const searchHistory = request(
  'e2e/search',
  z.strictObject({ account, text, contact: jid.optional(), limit: z.int().min(1).max(maxFound) }),
  z.object({ messages: z.array(historyFacts).readonly() }),
);

/** Writes the account into a new file, sealed under the passphrase, in the folder of the proxy's state. */
export const exportAccount = request(
  'e2e/export',
  z.strictObject({ account, passphrase }),
  z.object({ file: z.string() }),
);
/** Brings back what such a file holds; `file` lies in the folder of the proxy's state. */
export const importAccount = request(
  'e2e/import',
  z.strictObject({ file: z.string().regex(/^[0-9a-f]{32}\.simpp$/), passphrase }),
  z.object({ jid: z.string(), contacts: z.number(), messages: z.number(), unsent: z.number() }),
);
