// All kinds of vectors; each is one file of test/vectors.
import type { VectorKind } from '../vector.ts';
import { badClassicHandshakes } from './bad-classic.ts';
import { badConversations } from './bad-conversations.ts';
import { badBundles, bundles, publications } from './bundles.ts';
import { badControls, badRecords, controls, records } from './channel.ts';
import { badClaims } from './claims.ts';
import { classicHandshakes, classicRecords } from './classic.ts';
import { malformed, messages } from './codec.ts';
import { badClassicConversations, classicConversations } from './classic-conversation.ts';
import { conversations } from './conversations.ts';
import { agreements, badScalars, invalidPoints, signatures } from './curves.ts';
import { badEncapsulationKeys, encapsulations } from './encapsulation.ts';
import { badHandshakes, handshakes } from './handshake.ts';
import { badCertificates, certificates, fingerprints, labelledStrings, recovery } from './identities.ts';
import { badInvites, invites } from './invites.ts';
import { badRatchets, ratchets } from './ratchets.ts';
import { verifications } from './verification.ts';

export const kinds: readonly VectorKind[] = [
  labelledStrings,
  messages,
  malformed,
  agreements,
  signatures,
  invalidPoints,
  badScalars,
  encapsulations,
  badEncapsulationKeys,
  recovery,
  fingerprints,
  invites,
  badInvites,
  certificates,
  badCertificates,
  handshakes,
  badHandshakes,
  badClaims,
  records,
  badRecords,
  controls,
  badControls,
  classicHandshakes,
  badClassicHandshakes,
  classicRecords,
  classicConversations,
  badClassicConversations,
  verifications,
  publications,
  bundles,
  badBundles,
  conversations,
  badConversations,
  ratchets,
  badRatchets,
];
