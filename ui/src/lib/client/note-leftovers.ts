import { mergeUpdates } from 'yjs';
import type { NoteDraft } from './edit-store';
import { LiveText } from './live-text';

/** All that a draft has beyond its base, in the order it was made. */
export function updatesOf({ own }: NoteDraft): Uint8Array[] {
  const { acknowledged, onTheWay, waiting } = own;
  return [...acknowledged, ...(onTheWay ? [onTheWay.update] : []), ...waiting];
}

/**
 * What another tab left becomes part of an open note, as edits of this one. `sameAuthor`: its client
 * ids belong to the person who has the note open. Throws what a broken draft throws.
 */
export function joinDraft(live: LiveText, draft: NoteDraft, sameAuthor: boolean) {
  if (sameAuthor && live.hostHas(mergeUpdates([draft.base, ...(draft.since ?? [])]))) {
    for (const update of updatesOf(draft)) live.join(update);
    return;
  }
  // Another history, or another person's client ids: only the difference can be told.
  const other = new LiveText(draft.base, { onEdit: () => undefined, onChange: () => undefined });
  try {
    for (const update of draft.since ?? []) other.takeIn(update);
    for (const update of updatesOf(draft)) other.takeBack(update);
    live.offer(other);
  } finally {
    other.destroy();
  }
}
