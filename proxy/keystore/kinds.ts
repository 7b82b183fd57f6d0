// The kinds of keystores by name, apart from what opens them: the command line
// is declared without that.

import type { KeystoreHeader } from './header.ts';

export const keystoreKinds = ['file', 'passphrase', 'keyring'] as const satisfies readonly KeystoreHeader['kind'][];
