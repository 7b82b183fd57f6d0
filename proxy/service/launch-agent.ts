// A launchd property list (launchd.plist(5)): a person's agent, or the
// system's daemon for a gateway.

import { escapeText } from '../../shared/xml/write.ts';
import { roleArguments, serviceName, type Service } from './service.ts';

/** The file's text. */
export function launchAgent(service: Service, logFile: string): string {
  const { role, program, environment } = service;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${serviceName(role)}</string>
  <key>ProgramArguments</key>
  <array>
${[...program, ...roleArguments(role)].map((part) => `    <string>${escapeText(part)}</string>`).join('\n')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(environment)
  .map(([name, value]) => `    <key>${escapeText(name)}</key>\n    <string>${escapeText(value)}</string>\n`)
  .join('')}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>10</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>SoftResourceLimits</key>
  <dict>
    <key>NumberOfFiles</key>
    <integer>65536</integer>
  </dict>
  <key>ProcessType</key>
  <string>Background</string>
  <key>StandardErrorPath</key>
  <string>${escapeText(logFile)}</string>
</dict>
</plist>
`;
}
