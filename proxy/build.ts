// `npm run build`: bundles the program for publication, since Node does not strip
// types below node_modules. Chunks keep what a command does not need, such as the
// portable primitives, off its start-up path.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

await rm(at('dist'), { recursive: true, force: true });
await build({
  entryPoints: { simpp: at('proxy/main.ts') },
  outdir: at('dist'),
  bundle: true,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // A native module, optional, installed beside the bundle.
  external: ['@napi-rs/keyring'],
  // CommonJS dependencies call require(), which ES modules do not have.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  legalComments: 'linked',
  logLevel: 'warning',
});
