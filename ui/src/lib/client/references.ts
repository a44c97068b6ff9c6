import type { Nameable } from '../shared/editor/references';
import type { References } from '../shared/markdown/render';
import type { Files } from '../platform';
import { t } from '../shared/messages/index.svelte';
import { presentMembers } from './naming';
import type { SessionClient } from './session-client.svelte';
import type { SessionState } from './session-state';

/** Whom and what a text in this session can name. */
export function nameable(client: SessionClient): Nameable {
  return {
    isMe: (member) => member === client.state?.you,
    members: () => (client.state ? presentMembers(client.state) : []),
    notes: () => [...(client.state?.notes.values() ?? [])].filter((note) => !note.trashed_at),
  };
}

/** What references in a drawn text stand for now. */
export function referencesIn(state: SessionState, files?: Files): References {
  return {
    getFile: files && ((room, hash) => files.get(room, hash)),
    memberName: (id) => state.members.get(id)?.name ?? null,
    noteTitle: (key) => state.notes.get(key)?.title ?? null,
    isMe: (id) => id === state.you,
    unknownNote: t('markdown.unknownNote'),
  };
}

/** Whether a message names this member. */
export function mentions(body: string, member: string): boolean {
  return body.includes(`](member:${member})`);
}
