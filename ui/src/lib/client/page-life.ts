import type { SessionClient } from './session-client.svelte';

/** How often a page that is looked at makes sure of its connection. */
const PROBE_MS = 3_000;

/** Tells the session what happens to the page: looked at, touched, without network, closed. */
export function attendPage(client: SessionClient): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const onVisible = () => {
    client.looked = document.visibilityState === 'visible';
    if (document.visibilityState === 'hidden') {
      client.desk.keepAll();
      client.roster.rest();
    } else {
      // Phones suspend pages and their connections with them.
      client.connection.retry();
      client.connection.probe();
      client.roster.touch();
    }
  };
  const probing = setInterval(() => {
    if (document.visibilityState === 'visible') client.connection.probe();
  }, PROBE_MS);
  document.addEventListener('visibilitychange', onVisible, { signal });
  addEventListener('pagehide', () => client.desk.keepAll(), { signal });
  addEventListener(
    'beforeunload',
    (event) => {
      if (client.desk.unkept || client.desk.uploading) event.preventDefault();
    },
    {
      signal,
    },
  );
  addEventListener('online', () => client.connection.retry(), { signal });
  addEventListener('offline', () => client.connection.doubt(), { signal });
  for (const name of ['pointerdown', 'keydown']) {
    addEventListener(name, () => client.roster.touch(), { signal, passive: true });
  }
  client.roster.touch();
  return () => {
    ending.abort();
    clearInterval(probing);
  };
}
