import { encrypted } from '../diff/modes.ts';
import { describeDifferences } from '../diff/suite.ts';

describeDifferences('ejabberd', encrypted);
