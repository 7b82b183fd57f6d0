// The systemd units in the pages, written from what `simpp service install`
// writes, for a checkout at a usual place.
import { checkTable } from '../../proxy/doctor/finding.ts';
import { systemUnit, userUnit } from '../../proxy/service/systemd-unit.ts';
import { markdownTable, withGenerated } from './generated.ts';

const programAt = (folder: string): readonly [string, string] => [
  `${folder}/node_modules/.bin/node`,
  `${folder}/proxy/main.ts`,
];

const block = (text: string): string => `\`\`\`ini\n${text.trimEnd()}\n\`\`\``;

const gatewayUnit = systemUnit({ role: 'gateway', program: programAt('/opt/simpp'), environment: {}, folders: [] });

const folders = ['/home/alice/.local/state/simpp'];
const proxyUnit = userUnit({ role: 'proxy', program: programAt('/home/alice/simpp'), environment: {}, folders });

const checks = markdownTable(
  ['check', 'what is right when it finds nothing'],
  Object.entries(checkTable).map(([name, meaning]) => [`\`${name}\``, meaning]),
);

/** docs/operate/README.md with the unit brought up to date. */
export const withGatewayUnit = (page: string): string => withGenerated(page, { 'gateway-unit': block(gatewayUnit) });

/** docs/guide/service.md, likewise. */
export const withProxyUnit = (page: string): string => withGenerated(page, { 'proxy-unit': block(proxyUnit) });

/** docs/guide/doctor.md with the table of its checks. */
export const withChecks = (page: string): string => withGenerated(page, { checks });
