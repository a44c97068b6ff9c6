import type { OpenNote } from '../client/open-note.svelte';
import type { SessionClient } from '../client/session-client.svelte';
import { carriedOver } from '../client/text-merge';
import type { NoteKey } from '../protocol';
import { t } from '../shared/messages/index.svelte';
import { toasts } from '../shared/toasts.svelte';

/** A version that is brought back. */
export interface Past {
  version: number;
  text: string;
  title: string;
}

/**
 * Makes the note what it was, by a new edit: what others type at the same time stays, and what the
 * note was before is one more version.
 */
export function restoreVersion(session: SessionClient, note: OpenNote, past: Past) {
  const { live, body: before } = note;
  if (!live) return;
  const undo = live.carryOver(before, past.text);
  const takeBack = async () => {
    const open = session.desk.find(note.key)?.live;
    if (open === live && undo()) return;
    if (open) open.carryOver(past.text, before);
    else await carryOverAtHost(session, note.key, past.text, before);
  };
  const { version, title } = past;
  const said = session.live ? t('history.restored', { title, version }) : t('history.restoredHere');
  toasts.show(said, {
    action: {
      label: t('common.undo'),
      run: () => void toasts.attempt(takeBack()),
    },
  });
}

/** The same for a note that is not open any more. */
async function carryOverAtHost(session: SessionClient, key: NoteKey, from: string, to: string) {
  const { note } = await session.do('note:read', { key });
  const body = carriedOver(note.body ?? '', from, to);
  await session.do('note:update', { key, version: note.version, body });
}
