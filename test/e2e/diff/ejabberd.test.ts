import { inClear } from './modes.ts';
import { describeDifferences } from './suite.ts';

describeDifferences('ejabberd', inClear);
