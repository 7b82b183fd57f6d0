import { describeDifferences } from './suite.ts';

describeDifferences('ejabberd');
