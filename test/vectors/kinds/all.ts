// All kinds of vectors; each is one file of test/vectors.
import type { VectorKind } from '../vector.ts';
import { badControls, badRecords, controls, records } from './channel.ts';
import { badClassicHandshakes, classicHandshakes, classicRecords } from './classic.ts';
import { malformed, messages } from './codec.ts';
import { agreements, invalidPoints, signatures } from './curves.ts';
import { badHandshakes, handshakes } from './handshake.ts';
import { badCertificates, certificates, fingerprints, labelledStrings, recovery } from './identities.ts';

export const kinds: readonly VectorKind[] = [
  labelledStrings,
  messages,
  malformed,
  agreements,
  signatures,
  invalidPoints,
  recovery,
  fingerprints,
  certificates,
  badCertificates,
  handshakes,
  badHandshakes,
  records,
  badRecords,
  controls,
  badControls,
  classicHandshakes,
  badClassicHandshakes,
  classicRecords,
];
