// A task of the Windows Task Scheduler (its schema 1.2): started when the
// person logs on, with no more rights than they have, and again when it fails.

import { escapeText } from '../../shared/xml/write.ts';
import { descriptions, roleArguments, type Service } from './service.ts';

/** The XML that `schtasks /Create /XML` reads; it must be written as UTF-16 (taskBytes). */
export function scheduledTask(service: Service): string {
  const { role, program, environment } = service;
  const [node, main] = program;
  const run = [node, main, ...roleArguments(role)].map(quoted).join(' ');
  // A task has no environment of its own.
  const set = Object.entries(environment).map(([name, value]) => `set "${name}=${value}"&&`);
  const [command, args] =
    set.length === 0
      ? [node, [main, ...roleArguments(role)].map(quoted).join(' ')]
      : ['cmd.exe', `/d /s /c "${set.join('')}${run}"`];
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${escapeText(descriptions[role])}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeText(command)}</Command>
      <Arguments>${escapeText(args)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** UTF-16LE with its mark, which is what schtasks takes for certain. */
export function taskBytes(xml: string): Uint8Array {
  return new Uint8Array(Buffer.from(`\ufeff${xml}`, 'utf16le'));
}

/** A word of a Windows command line; none of ours holds a quote, which no file name there can. */
function quoted(text: string): string {
  return /[\s&^|<>()]/.test(text) ? `"${text}"` : text;
}
