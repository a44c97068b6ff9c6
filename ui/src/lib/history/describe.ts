import { memberName } from '../client/naming';
import type { SessionState } from '../client/session-state';
import { speech, t } from '../shared/messages/index.svelte';
import type { MemberId } from '../protocol';
import { ago } from '../shared/when';
import type { NoteHistory } from './note-history.svelte';

/** Who was writing at a version, and when: for people who hear it, and for captions. */
export function writersOf(known: SessionState, history: NoteHistory, version: number): string {
  const writers = history.writers(version);
  return writers.length ? namesOf(known, writers) : t('history.unknownWriter');
}

/** "Ada, Mina and Jonas". */
export function namesOf(known: SessionState, members: readonly MemberId[]): string {
  const names = members.map((id) => memberName(known, id));
  return new Intl.ListFormat(speech.language, { type: 'conjunction' }).format(names);
}

/** A number as the language writes it: notes have very many versions. */
export function figure(value: number): string {
  return value.toLocaleString(speech.language);
}

/** A version in words: its number, who and when. */
export function describe(known: SessionState, history: NoteHistory, version: number): string {
  if (version === 0) return t('history.beginning');
  const burst = history.bursts.at(version);
  const numbers = { version: figure(version), newest: figure(history.newest) };
  if (!burst) return t('history.version', numbers);
  const [who, when] = [writersOf(known, history, version), ago(burst.at)];
  return t('history.described', { ...numbers, who, when });
}
