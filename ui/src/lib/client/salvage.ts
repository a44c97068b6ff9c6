import * as Y from 'yjs';
import type { NoteDraft } from './edit-store';

/** What can be read of a draft, however broken it is. */
export function salvage({ base, since = [], own }: NoteDraft): string {
  const { acknowledged, onTheWay, waiting } = own;
  const updates = [
    base,
    ...since,
    ...acknowledged,
    ...(onTheWay ? [onTheWay.update] : []),
    ...waiting,
  ];
  let whole = new Y.Doc();
  for (const update of updates) {
    try {
      // Half an update would spoil what is read already.
      Y.applyUpdate(new Y.Doc(), update);
      Y.applyUpdate(whole, update);
    } catch {
      const rest = whole;
      whole = new Y.Doc();
      Y.applyUpdate(whole, Y.encodeStateAsUpdate(rest));
    }
  }
  return whole.getText('body').toJSON();
}
