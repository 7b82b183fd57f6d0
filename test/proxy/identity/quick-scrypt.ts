// A scrypt that costs next to nothing: these tests make many identities, and
// the price of a recovery phrase is not their matter.

import type { IdentityDeps } from '../../../proxy/identity/account-identity.ts';
import { scryptAside } from '../../../proxy/identity/scrypt-aside.ts';

export const quickScrypt: NonNullable<IdentityDeps['scrypt']> = (derivation) =>
  scryptAside({ ...derivation, cost: { n: 2, r: 8, p: 1 } });
