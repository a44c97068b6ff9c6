import type { OpenNote } from '../client/open-note.svelte';
import type { SessionClient } from '../client/session-client.svelte';
import type { Code } from '../protocol';
import { t } from '../shared/messages/index.svelte';

/** How it stands with what the person wrote, in words and as a kind for the picture. */
export interface SaveState {
  kind: 'saved' | 'saving' | 'waiting' | 'offline' | 'read_only' | 'trouble';
  text: string;
  /** The whole of it, where `text` is short. */
  title: string;
}

/** The state of a note, or of everything where none is open. */
export function saveState(session: SessionClient, note: OpenNote | null): SaveState {
  const { live, pending } = session;
  if (note?.unkept && !live) return say('trouble', t('save.unkept'));
  // A strip says which ones, and offers them.
  const refused = session.desk.refused.length;
  if (note ? note.refused : refused > 0) return say('trouble', t('save.refused'));
  if (note?.trouble) return say('trouble', troubleOf(session, note.trouble));
  const why = note || !session.mayTalk ? readOnlyReason(session, note) : null;
  if (why && !note?.dirty) return say('read_only', t('save.readOnly', { why }));
  // What a joined app keeps waits for its turn also once the host is back.
  if (pending > 0 && (!live || session.link?.pending)) {
    const text = t('save.waitingShort', { count: pending });
    return { kind: 'waiting', text, title: t('save.waiting', { count: pending }) };
  }
  if (!live) return say('offline', t('save.offline'));
  // What the host refuses is not on its way.
  return pending > refused ? say('saving', t('save.saving')) : say('saved', t('save.saved'));
}

/** What keeps a note's text from being saved; it is tried again. */
export function troubleOf({ joined, link }: SessionClient, code: Code): string {
  if (code !== 'storage_full') return t('save.triedAgain');
  // A joined app writes to its own disk first, and keeps there what the host has no room for.
  const isOwn = joined && link?.why !== 'host_disk_full';
  return t(isOwn ? 'save.ownDiskFull' : 'save.hostDiskFull');
}

/** Why a note cannot be written, or null if it can. */
export function readOnlyReason(session: SessionClient, note: OpenNote | null): string | null {
  if (session.state?.notes.get(note?.key ?? '')?.trashed_at) return t('save.whyTrash');
  if (session.readOnly) return t('save.whyCopy');
  if (session.me?.removed) return t('save.whyRemoved');
  if (!session.mayWrite) return t('save.whyViewer');
  return null;
}

function say(kind: SaveState['kind'], text: string): SaveState {
  return { kind, text, title: text };
}
