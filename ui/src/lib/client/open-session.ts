import type { Access, Platform } from '../platform';
import type { SessionId } from '../protocol';
import { DatabaseEdits, ShelfEdits } from './edit-store';
import { SessionClient } from './session-client.svelte';
import { memoryStore, rollCall, Shelf, type Store } from './shelf';

/** A page's view of a session, with what earlier pages left unsent. */
export async function openSession(
  platform: Platform,
  access: Access,
  session: SessionId,
  readOnly = false,
): Promise<SessionClient> {
  const { tab, others } = await rollCall(session);
  const { store, lasting } = deviceStore();
  const shelf = new Shelf(store, session, tab);
  shelf.adopt(others);
  const database = await DatabaseEdits.open({ session, tab, others });
  const edits = database ?? new ShelfEdits(shelf, lasting);
  return new SessionClient({
    openWire: (listener) => platform.openWire(access, listener),
    files: platform.openFiles(access),
    shelf,
    edits,
    left: await edits.take(),
    readOnly,
  });
}

/** Private windows may have no storage; the page then keeps things as long as it is open. */
function deviceStore(): { store: Store; lasting: boolean } {
  try {
    const place = 'hearth.probe';
    localStorage.setItem(place, '');
    localStorage.removeItem(place);
    return { store: localStorage, lasting: true };
  } catch {
    return { store: memoryStore(), lasting: false };
  }
}
