import type { LinkTrouble } from '../../lib/protocol';
import type { MessageKey } from '../../lib/shared/messages/index.svelte';

/** What is said of what keeps a copy from its host and does not pass by itself. */
export const LINK_TROUBLES = {
  other_key: 'link.otherKey',
  signed_out: 'link.signedOut',
  removed: 'joined.removed',
  version: 'link.otherVersion',
  host_version: 'link.hostVersion',
  own_version: 'link.ownVersion',
  disk_full: 'link.diskFull',
  host_disk_full: 'link.hostDiskFull',
  not_copied: 'link.notCopied',
} as const satisfies Record<LinkTrouble, MessageKey>;
