// The portable provider costs 100 ms to load, so it is loaded only where it is
// needed: a primitive is missing here, or SIMPP_CRYPTO=noble asks for it (the
// test run without node:crypto). The top-level await is skipped otherwise.

import type { Crypto } from '../../shared/crypto/provider.ts';
import { missingPrimitives, nodeCrypto } from './support.ts';

/** The environment's wish; only `noble` means something. */
export const wish = process.env['SIMPP_CRYPTO'] ?? '';

/** What node:crypto lacks here. */
export const missing = missingPrimitives(nodeCrypto);

/** The portable provider, if anything calls for it. */
export const portable: Crypto | undefined =
  wish === 'noble' || missing.length > 0 ? (await import('../../shared/crypto/noble.ts')).nobleCrypto : undefined;
