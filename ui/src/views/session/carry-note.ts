import type { NoteKey } from '../../lib/protocol';

/** Nothing else that is dragged into the page is taken for a note. */
const KIND = 'application/x-hearth-note';

/** A note is dragged away by the mouse. */
export function carryNote(event: DragEvent, key: NoteKey) {
  event.dataTransfer?.setData(KIND, key);
}

/** Whether what hovers there is a note. */
export function carriesNote(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes(KIND) ?? false;
}

/** The note that was dropped. */
export function carriedNote(event: DragEvent): NoteKey {
  return event.dataTransfer?.getData(KIND) ?? '';
}
