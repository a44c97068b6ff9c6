import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Five past two in the afternoon, as somebody reads it whose browser wants these languages. */
async function fivePastTwo(languages: readonly string[]): Promise<string> {
  vi.stubGlobal('navigator', { languages });
  const { clockTime } = await import('./when');
  // Newer browsers put a narrow space before "PM".
  return clockTime(new Date(2026, 4, 1, 14, 5).toISOString()).replace(/\s/g, ' ');
}

it('the clock is written as in the person’s region', async () => {
  expect(await fivePastTwo(['en-GB', 'en'])).toBe('14:05');
});

it('the clock is written as in another region that speaks the same', async () => {
  expect(await fivePastTwo(['fr-FR', 'en-US', 'de-CH'])).toBe('02:05 PM');
});

it('the clock is written as in the language where no region is named', async () => {
  expect(await fivePastTwo(['de'])).toBe('14:05');
});

it.each([
  ['en-GB', 'written yesterday, 14:05'],
  ['de', 'geschrieben gestern, 14:05'],
])('the day stands within a sentence as it is written there (%s)', async (language, sentence) => {
  vi.stubGlobal('navigator', { languages: [language] });
  const { dayName, timeOfDay } = await import('./when');
  const { t } = await import('./messages/index.svelte');
  const at = new Date(2026, 4, 1, 14, 5).toISOString();
  const now = new Date(2026, 4, 2, 9, 0);
  expect(t('talk.madeAt', { when: timeOfDay(at, now.toISOString(), now.getTime()) })).toBe(
    sentence,
  );
  // As a heading it begins with a capital.
  expect(dayName(at, now.getTime())).toMatch(/^(Yesterday|Gestern)$/);
});
