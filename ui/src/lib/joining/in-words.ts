import type { Probed } from '../protocol';
import { t } from '../shared/messages/index.svelte';

/** What was found, in a sentence that says what to do. */
export function inWords(found: Probed, ownVersion: string): string {
  switch (found.found) {
    case 'no_address':
      return t('join.noAddress');
    case 'nothing':
      return t('join.nothing', { address: found.address });
    case 'not_hearth':
      return t('join.notHearth');
    case 'other_key':
      return t('join.otherKey', { name: found.host.name });
    case 'other_version':
      return t('join.otherVersion', { theirs: found.host.version, yours: ownVersion });
    case 'hearth':
      return t('join.found', { address: found.host.address });
  }
}
