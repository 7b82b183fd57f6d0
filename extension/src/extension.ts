// The extension's entry: registers, and composes nothing but parts.
import { commands, type ExtensionContext } from 'vscode';

import { StatusItem } from './status-item.ts';

export function activate(context: ExtensionContext): void {
  const status = new StatusItem();
  context.subscriptions.push(
    status,
    commands.registerCommand('simpp.showStatus', () => status.show()),
  );
  void status.refresh();
}
