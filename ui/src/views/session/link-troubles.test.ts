import { describe, expect, it } from 'vitest';
import type { LinkTrouble } from '../../lib/protocol';
import { de } from '../../lib/shared/messages/de';
import { en } from '../../lib/shared/messages/en';
import { LINK_TROUBLES } from './link-troubles';

/** What the person does about it, or that nothing is to be done. */
const REMEDIES: Record<LinkTrouble, { en: RegExp; de: RegExp }> = {
  other_key: { en: /join again with/, de: /tritt mit .* wieder bei/ },
  signed_out: { en: /Join again/, de: /neu bei/ },
  // The strip has a button for it: keep the copy or delete it.
  removed: { en: /Your copy/, de: /Deine Kopie/ },
  version: { en: /Update the older/, de: /Aktualisiert die ältere/ },
  host_version: { en: /on the host’s computer/, de: /auf dem Computer des Gastgebers/ },
  own_version: { en: /Update Hearth here/, de: /Aktualisiere Hearth hier/ },
  disk_full: { en: /Make room/, de: /Schaffe Platz/ },
  host_disk_full: { en: /is sent as soon as/, de: /wird gesendet, sobald/ },
  not_copied: { en: /Update Hearth/, de: /Aktualisiere Hearth/ },
};
const troubles = Object.keys(LINK_TROUBLES) as LinkTrouble[];

describe.each(troubles)('of the trouble %s', (trouble) => {
  const key = LINK_TROUBLES[trouble];

  it('it is said what is safe', () => {
    expect(en[key]).toMatch(/\bsafe\b|is still here/);
    expect(de[key]).toMatch(/\bsicher\b|ist noch hier/);
  });

  it('it is said what to do', () => {
    expect(en[key]).toMatch(REMEDIES[trouble].en);
    expect(de[key]).toMatch(REMEDIES[trouble].de);
  });
});
