import * as Y from 'yjs';
import { fromBase64 } from '../client/bytes';
import type { RefusedBundle } from '../protocol';

type Step = { name: string; payload: unknown };

/** What calls may say that people wrote. */
interface Said {
  id?: string;
  key?: string;
  name?: string;
  topic?: string;
  title?: string;
  body?: string;
  update?: string;
  changes?: { insert?: string }[];
}

/** What was written in a bundle that the host did not accept, as text to be taken elsewhere. */
export function wordsOf({ name, payload, with: others }: RefusedBundle): string {
  const pieces: string[] = [];
  const edits = new Map<string, { at: number; updates: string[] }>();
  const steps: Step[] = [{ name, payload }, ...others];
  const titles = lastTitles(steps);
  for (const step of steps) {
    const said = { ...(step.payload as Said | null) };
    // A note made here has the title that it was given last.
    if (step.name === 'note:create') said.title = titles.get(said.id) ?? said.title;
    if (step.name === 'note:update' && steps.some((one) => makes(one, said.key))) delete said.title;
    if (step.name === 'note:edit' && said.key && said.update) {
      const edit = edits.get(said.key);
      if (edit) edit.updates.push(said.update);
      // Its place is kept: what is typed into a note comes behind its title.
      else edits.set(said.key, { at: pieces.push('') - 1, updates: [said.update] });
    } else {
      pieces.push(plainWords(step.name, said));
    }
  }
  for (const { at, updates } of edits.values()) pieces[at] = typedWords(updates);
  return pieces.filter(Boolean).join('\n\n');
}

/** What a refused call was about: the room it makes, the note it makes or writes into. */
export function subjectOf({ name, payload, with: others }: RefusedBundle) {
  const { id, name: room, title, key } = (payload ?? {}) as Said;
  if (name === 'file:add') return { kind: 'file' as const, name: room ?? '' };
  if (name === 'room:create') return { kind: 'room' as const, name: room ?? '' };
  if (name === 'note:create') {
    return { kind: 'note' as const, title: lastTitles(others).get(id) ?? title ?? '' };
  }
  if (name === 'note:edit') return { kind: 'edit' as const, note: key ?? '' };
  return { kind: name.startsWith('message:') ? ('message' as const) : ('other' as const) };
}

function makes({ name, payload }: Step, key: string | undefined): boolean {
  return name === 'note:create' && (payload as Said | null)?.id === key;
}

/** The titles that notes were given, by key. */
function lastTitles(steps: readonly Step[]): Map<string | undefined, string> {
  const titles = new Map<string | undefined, string>();
  for (const { name, payload } of steps) {
    const { key, title } = (payload ?? {}) as Said;
    if (name === 'note:update' && title) titles.set(key, title);
  }
  return titles;
}

function plainWords(name: string, said: Said): string {
  const heading = (text?: string) => (text ? `# ${text}` : '');
  const inserted = said.changes?.map((change) => change.insert ?? '').join('\n');
  switch (name) {
    case 'room:create':
    case 'room:update':
      return lines(heading(said.name), said.topic);
    case 'note:create':
    case 'note:update':
      return lines(heading(said.title), said.body, inserted);
    case 'message:send':
    case 'message:edit':
      return said.body ?? '';
    default:
      return '';
  }
}

function lines(...texts: (string | undefined)[]): string {
  return texts.filter(Boolean).join('\n');
}

/**
 * What these edits of one note put into it and did not take back, without what stood around it:
 * that is only in the note. A line for each place that was typed at.
 */
function typedWords(updates: readonly string[]): string {
  try {
    const { structs, ds } = Y.decodeUpdate(Y.mergeUpdates(updates.map(fromBase64)));
    let words = '';
    let before: Y.Item | undefined;
    // Clients come in falling order, and what each typed in the order it was typed.
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
      if (before && !goesOn(before, struct) && words) words += '\n';
      words += withoutDeleted(struct, struct.content.str, ds.clients.get(struct.id.client));
      before = struct;
    }
    return words.trim();
  } catch {
    // What cannot be read must not hide the rest of the bundle.
    return '';
  }
}

function goesOn(before: Y.Item, next: Y.Item): boolean {
  const { origin } = next;
  const last = before.id.clock + before.length - 1;
  return origin?.client === before.id.client && origin.clock === last;
}

function withoutDeleted(
  { id }: Y.Item,
  text: string,
  ranges: readonly { clock: number; len: number }[] = [],
): string {
  const isGone = (clock: number) =>
    ranges.some((range) => clock >= range.clock && clock < range.clock + range.len);
  let left = '';
  for (let at = 0; at < text.length; at += 1) if (!isGone(id.clock + at)) left += text[at];
  return left;
}
