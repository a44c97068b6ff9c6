// Asking to be let in: both screens show the same six digits, and each outcome is said in words.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Host } from './support/host';
import { Meeting } from './support/meeting';
import { type Person, PHONE } from './support/person';
import { until } from './support/until';

const meeting = new Meeting();

/** The digits that are shown in a part of the page, without what stands between them. */
async function digits(page: Page, part: string): Promise<string> {
  const seen = await page.locator(part).locator('.digits').textContent();
  return (seen ?? '').replaceAll(/\D/g, '');
}

/** How they are there for those who look, and once more for those who listen. */
const shown = async (person: Person) => (await digits(person.page, 'main')).slice(6);

const card = (host: Person, name: string) =>
  host.page.getByRole('region', { name: `${name} is at the door` });

async function hostAsked(on: 'loopback' | 'network' = 'loopback'): Promise<[Host, Person]> {
  const host =
    on === 'loopback'
      ? await meeting.open('--admit', 'ask')
      : await meeting.openOnNetwork('--admit', 'ask', '--browsers', 'plain');
  const mina = await meeting.person('Mina');
  await mina.comeIn(host.signInUrl);
  return [host, mina];
}

it('both screens show the same six digits, on a phone without TLS too', async () => {
  const [host, mina] = await hostAsked('network');
  const ada = await meeting.person('Ada', PHONE);
  await ada.knock(host.url);
  await ada.page.getByRole('heading', { name: 'Waiting for Mina to let you in' }).waitFor();
  await ada.page.getByText('Mina sees the same number.').waitFor();
  expect(await ada.page.evaluate(() => [isSecureContext, 'subtle' in crypto])).toEqual([
    false,
    false,
  ]);
  await until(async () => (await shown(ada)).length, 6);
  await card(mina, 'Ada').locator('.digits').waitFor();
  expect((await digits(mina.page, '.knock')).slice(6)).toBe(await shown(ada));
  expect(await ada.isTooWide()).toBe(false);
  await card(mina, 'Ada').getByRole('button', { name: 'Let in to write' }).click();
  await ada.link('live').waitFor();
});

it('of several who wait each is told apart by the digits', async () => {
  const [host, mina] = await hostAsked();
  const people = [await meeting.person('Sam'), await meeting.person('Sam')];
  for (const person of people) {
    await person.knock(host.url);
    await until(async () => (await shown(person)).length, 6);
  }
  const second = await shown(people[1]!);
  expect(await shown(people[0]!)).not.toBe(second);
  const theirs = mina.page.locator('.knock').filter({ hasText: second.slice(0, 3) });
  await theirs
    .filter({ hasText: second.slice(3) })
    .getByText('Let in to read')
    .click();
  await people[1]!.link('live').waitFor();
  await people[0]!.page.getByRole('button', { name: 'Cancel' }).click();
  await mina.page.locator('.knock').waitFor({ state: 'detached' });
});

it('a host who reloads still sees who waits, with the digits', async () => {
  const [host, mina] = await hostAsked();
  const ada = await meeting.person('Ada');
  await ada.knock(host.url);
  await until(async () => (await shown(ada)).length, 6);
  await card(mina, 'Ada').waitFor();
  await mina.page.reload();
  await card(mina, 'Ada').locator('.digits').waitFor();
  expect((await digits(mina.page, '.knock')).slice(6)).toBe(await shown(ada));
});

it('whoever closes the page while waiting is gone from the host’s screen', async () => {
  const [host, mina] = await hostAsked();
  const ada = await meeting.person('Ada');
  await ada.knock(host.url);
  await card(mina, 'Ada').waitFor();
  await ada.page.goto('about:blank');
  await card(mina, 'Ada').waitFor({ state: 'detached' });
});

it('a knock whose numbers were changed on the way ends, and says what to do', async () => {
  const [host, mina] = await hostAsked();
  const ada = await meeting.person('Ada');
  await ada.page.route(/\/sign-in\/[^/]+$/, async (route) => {
    const isReveal = route.request().method() === 'POST';
    await route.continue(isReveal ? { postData: JSON.stringify({ reveal: '0'.repeat(64) }) } : {});
  });
  await ada.knock(host.url);
  await ada.page.getByRole('heading', { name: 'The numbers did not fit together.' }).waitFor();
  await until(() => mina.page.locator('.knock').count(), 0);
  await ada.page.unroute(/\/sign-in\/[^/]+$/);
  await ada.page.getByRole('button', { name: 'Knock again' }).click();
  await card(mina, 'Ada').locator('.digits').waitFor();
});

it('a host who goes away meanwhile is said so, and whoever waited knocks anew', async () => {
  const [host, mina] = await hostAsked();
  const ada = await meeting.person('Ada');
  await ada.knock(host.url);
  await until(async () => (await shown(ada)).length, 6);
  await host.stop();
  await ada.page.getByText('The host does not answer just now.').waitFor();
  await host.startAgain();
  await ada.page.getByRole('heading', { name: 'Nobody answered.' }).waitFor();
  await ada.page.getByRole('button', { name: 'Knock again' }).click();
  await card(mina, 'Ada').getByRole('button', { name: 'Let in to write' }).click();
  await ada.link('live').waitFor();
});

it('the host in German, the guest too', async () => {
  const host = await meeting.open('--admit', 'ask');
  const german = { locale: 'de-DE' };
  const [mina, ada] = [await meeting.person('Mina', german), await meeting.person('Ada', german)];
  const come = async (person: Person, url: string) => {
    await person.page.goto(url);
    await person.page.getByLabel('Dein Name').fill(person.name);
    await person.page.getByRole('button', { name: 'Hereinkommen' }).click();
  };
  await come(mina, host.signInUrl);
  await mina.link('live').waitFor();
  await come(ada, host.url);
  await ada.page.getByRole('heading', { name: 'Warte, bis dich Mina hereinlässt' }).waitFor();
  await ada.page.getByText('Mina sieht dieselbe Zahl.').waitFor();
  await mina.page.getByText('Ada steht vor der Tür').waitFor();
  await mina.page.getByRole('button', { name: 'Herein, zum Schreiben' }).click();
  await ada.link('live').waitFor();
});
