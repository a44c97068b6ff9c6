import type { SessionClient } from '../client/session-client.svelte';
import type { OpenInvite } from '../protocol';
import { toasts } from '../shared/toasts.svelte';

/** The invitation on the screen: for as many as come, until hosting stops or it is renewed. */
export class OpenInviteView {
  /** Null until the host has answered. */
  invite = $state.raw<OpenInvite | null>(null);
  renewing = $state(false);

  readonly #session: SessionClient;

  constructor(session: SessionClient) {
    this.#session = session;
    $effect(() => {
      if (!session.live) return;
      // How it is shown depends on both; a host that was restarted has another one.
      void [session.state?.session.browsers, session.state?.session.guests];
      void this.load();
    });
  }

  async load() {
    await this.#ask(false);
  }

  /** The old one is void from now on. */
  async renew() {
    this.renewing = true;
    await this.#ask(true);
    this.renewing = false;
  }

  async #ask(renew: boolean) {
    const answer = await toasts.attempt(this.#session.do('session:invitation', { renew }));
    if (answer) this.invite = answer.invite;
  }
}
