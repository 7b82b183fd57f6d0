import { describeDifferences } from './suite.ts';

describeDifferences('prosody');
