// The one item in the status bar: whether the proxy runs on this machine.
import { StatusBarAlignment, window, workspace, type Disposable } from 'vscode';

import { accepts } from './proxy/accepts.ts';

export class StatusItem implements Disposable {
  readonly #item = window.createStatusBarItem('simpp.status', StatusBarAlignment.Left);

  constructor() {
    this.#item.name = 'SIMPP';
    this.#item.command = 'simpp.showStatus';
    this.#item.text = '$(lock) SIMPP';
    this.#item.show();
  }

  /** Looks again, and returns what it saw in words. */
  async refresh(): Promise<string> {
    const port = workspace.getConfiguration('simpp').get('proxyPort', 5222);
    const isRunning = await accepts(port);
    const text = isRunning ? `A proxy listens on 127.0.0.1:${port}.` : `No proxy listens on 127.0.0.1:${port}.`;
    this.#item.text = isRunning ? '$(lock) SIMPP' : '$(unlock) SIMPP';
    this.#item.tooltip = text;
    return text;
  }

  async show(): Promise<void> {
    await window.showInformationMessage(await this.refresh());
  }

  dispose(): void {
    this.#item.dispose();
  }
}
