// Given to node --import: writes the URL of every module that was loaded to
// stderr when the process ends.
import { registerHooks } from 'node:module';

const loaded: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});
process.on('exit', () => process.stderr.write(loaded.join('\n')));
