import { openSession } from '../lib/client/open-session';
import type { SessionClient } from '../lib/client/session-client.svelte';
import type { WindowPlatform } from '../lib/platform';
import type { Hosting, Joined, OpenSession } from '../lib/protocol';

/** What is open in this window, hosted here or somebody else's, and the page's view of it. */
export class WindowSession {
  open = $state.raw<OpenSession | null>(null);
  client = $state.raw<SessionClient | null>(null);
  readonly #platform: WindowPlatform;
  #shown = 0;

  constructor(platform: WindowPlatform) {
    this.#platform = platform;
  }

  get hosting(): Hosting | null {
    return this.open?.kind === 'hosting' ? this.open : null;
  }

  /** A copy of what somebody else hosts. */
  get joined(): Joined | null {
    return this.open?.kind === 'joined' ? this.open : null;
  }

  /** Shows what is open now; says whether it is another than before. */
  async show(open: OpenSession | null): Promise<boolean> {
    const before = this.open;
    this.open = open;
    if (isSame(before, open)) return false;
    const shown = ++this.#shown;
    this.client?.close();
    this.client = null;
    if (!open) return true;
    const readOnly = open.kind === 'joined' && open.read_only;
    const client = await openSession(this.#platform, open.window, open.session, readOnly);
    // Something else may have been opened while the page looked for what it had kept.
    if (shown !== this.#shown) client.close();
    else (this.client = client).open();
    return true;
  }

  /** Closes it, and keeps or drops the copy of what somebody else hosts. */
  async leave(keep: boolean): Promise<void> {
    await this.client?.settle();
    if (this.joined) await this.#platform.leaveSession(keep);
    else await this.#platform.stopHosting();
  }
}

/** The same session at the same server: a page that shows it goes on. */
function isSame(one: OpenSession | null, other: OpenSession | null): boolean {
  return one?.session === other?.session && one?.window.url === other?.window.url;
}
