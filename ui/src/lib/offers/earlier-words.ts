import type { EarlierItem } from '../protocol';
import { t } from '../shared/messages/index.svelte';

/** The most characters a title may have. */
const TITLE_CHARS = 120;

/** What something from the copy from before is. */
export function titleOf(item: EarlierItem): string {
  const title = item.title ?? '';
  switch (item.kind) {
    case 'room':
      return t('refusals.room', { name: title });
    case 'note':
      return t('refusals.note', { title });
    case 'message':
      return t('refusals.message');
    case 'change':
      return changeOf(item, title);
  }
}

function changeOf({ call, text }: EarlierItem, title: string): string {
  switch (call) {
    case 'note:destroy':
      return t('earlier.trashNote', { title });
    case 'note:restore':
      return t('earlier.restoreNote', { title });
    case 'note:move':
      return t('earlier.moveNote', { title });
    case 'note:update':
    case 'room:update':
      return t('earlier.rename', { title, name: text });
    case 'room:destroy':
      return t('earlier.deleteRoom', { name: title });
    case 'room:restore':
      return t('earlier.restoreRoom', { name: title });
    case 'room:join':
      return t('earlier.joinRoom', { name: title });
    case 'room:leave':
      return t('earlier.leaveRoom', { name: title });
    case 'message:destroy':
      return t('earlier.takeBack');
    case 'member:update':
      return t('earlier.member');
    default:
      return t('refusals.other');
  }
}

/** The changes that are everybody's to make. */
const FOR_READERS = new Set(['room:join', 'room:leave', 'message:destroy', 'member:update']);

/** Whether also those may bring it back whom the host lets read and talk only. */
export function isForReaders({ kind, call = '' }: EarlierItem): boolean {
  return kind === 'message' || (kind === 'change' && FOR_READERS.has(call));
}

/** What bringing it back does. */
export function againLabel(item: EarlierItem, isQuote: boolean): string {
  if (isQuote) return t('earlier.quote');
  switch (item.kind) {
    case 'room':
      return t('earlier.makeRoom');
    case 'note':
      return t(item.differs ? 'earlier.intoNote' : 'earlier.makeNote');
    case 'message':
      return t(item.differs ? 'earlier.editMessage' : 'earlier.send');
    case 'change':
      return t('earlier.doAgain');
  }
}

/** What a note is called that is made of it beside what is there now. */
export function besideTitle(item: EarlierItem): string {
  const title = t('earlier.besideTitle', {
    title: item.kind === 'note' ? item.title! : titleOf(item),
  });
  return [...title].slice(0, TITLE_CHARS).join('');
}
