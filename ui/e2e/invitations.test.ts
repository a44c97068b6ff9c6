// Coming in by code or link: for many, for one, renewed, revoked, and what the page says then.
import { expect, it } from 'vitest';
import { copied } from './support/clipboard';
import { Meeting } from './support/meeting';
import { type Person, PHONE } from './support/person';
import { until } from './support/until';

const meeting = new Meeting();
const ANY_COPY = { permissions: ['clipboard-read', 'clipboard-write'] };

/** The host at the invitation screen. */
async function hostInviting(url: string, options = {}): Promise<Person> {
  const mina = await meeting.person('Mina', { ...ANY_COPY, ...options });
  await mina.comeIn(url);
  await mina.page.getByRole('button', { name: 'Invite', exact: true }).click();
  await mina.page.getByRole('button', { name: 'Copy link' }).waitFor();
  return mina;
}

async function openDialog(person: Person, button: string) {
  await person.page.getByRole('button', { name: button }).click();
  return person.page.getByRole('dialog');
}

it('the link on the screen lets in as many as come, without a PIN and without being asked', async () => {
  const host = await meeting.open('--pin', '482915');
  const mina = await hostInviting(host.signInUrl);
  const link = await copied(mina, 'Copy link');
  // On this computer nobody can read along, and the address goes without TLS.
  const place = new URL(host.url).host;
  expect(link).toMatch(new RegExp(`^http://${place}/#[\\w-]{43}\\.[0-9a-f]{64}$`));
  for (const name of ['Ada', 'Ben']) {
    const guest = await meeting.person(name);
    await guest.comeIn(link);
    expect(guest.page.url()).not.toContain(new URL(link).hash.slice(1, 20));
    await mina.page.getByRole('complementary').getByText(name).waitFor();
  }
});

it('host and guest see the same words, and the guest sees them later, too', async () => {
  const host = await meeting.open('--admit', 'ask');
  const mina = await hostInviting(host.signInUrl);
  const words = (person: Person) =>
    person.page.getByRole('list', { name: 'Words of the key' }).getByRole('listitem');
  await until(() => words(mina).count(), 8);
  const shown = await words(mina).allTextContents();
  const ada = await meeting.person('Ada', PHONE);
  await ada.page.goto(await copied(mina, 'Copy link'));
  await ada.page.getByText('Compare with the host’s screen').waitFor();
  await until(() => words(ada).count(), 8);
  expect(await words(ada).allTextContents()).toEqual(shown);
  expect(await ada.isTooWide()).toBe(false);
  await ada.page.getByLabel('Your name').fill('Ada');
  await ada.page.getByRole('button', { name: 'Come in' }).click();
  await ada.link('live').waitFor();
  await ada.page.getByRole('button', { name: /Menu of the session/ }).click();
  await ada.page.getByRole('menuitem', { name: 'About Hearth' }).click();
  await until(() => words(ada).count(), 8);
  expect(await words(ada).allTextContents()).toEqual(shown);
});

it('a renewed link works, the old one is not known any more, and one can come in without it', async () => {
  const host = await meeting.open('--admit', 'ask');
  const mina = await hostInviting(host.signInUrl);
  const old = await copied(mina, 'Copy link');
  await mina.page.getByRole('button', { name: 'More about this link' }).click();
  await mina.page.getByRole('menuitem', { name: 'Renew' }).click();
  await mina.page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
  await mina.page.getByRole('dialog').waitFor({ state: 'detached' });
  const renewed = await copied(mina, 'Copy link');
  expect(renewed).not.toBe(old);

  const ada = await meeting.person('Ada');
  await ada.knock(old);
  await ada.page.getByText('The host does not know this invitation.').waitFor();
  await ada.page.getByText('Ask the host for a new one').waitFor();
  await ada.page.getByRole('button', { name: 'Come in' }).click();
  await mina.page.getByText('Ada is at the door').waitFor();
  const ben = await meeting.person('Ben');
  await ben.comeIn(renewed);
});

it('what guests may is chosen beside the link and holds for who comes then', async () => {
  const host = await meeting.open('--admit', 'ask');
  const mina = await hostInviting(host.signInUrl);
  const link = await copied(mina, 'Copy link');
  await mina.page.getByText('read', { exact: true }).click();
  await mina.page.getByRole('radio', { name: 'read', checked: true }).waitFor();
  const ada = await meeting.person('Ada');
  await ada.comeIn(link);
  await mina.page.getByRole('complementary').getByText('Can read').waitFor();
});

it('an invitation for one is shown once, counted, listed and revoked', async () => {
  const host = await meeting.open('--admit', 'ask');
  const mina = await hostInviting(host.signInUrl);
  const line = (text: string) => mina.page.getByRole('listitem').filter({ hasText: text });
  const make = async (uses: string) => {
    const dialog = await openDialog(mina, 'New invitation');
    await dialog.getByLabel('For how many people?').fill(uses);
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await dialog.getByText('Send it now').waitFor();
    const link = await copied(mina, 'Copy: Link for browsers');
    const forApp = await copied(mina, 'Copy: Link for the Hearth app');
    expect(forApp).toBe(link.replace(/^https?/, 'hearth'));
    await dialog.getByRole('button', { name: 'Close' }).first().click();
    await dialog.waitFor({ state: 'detached' });
    return link;
  };
  const [once, twice] = [await make('1'), await make('2')];
  await line('for one person').waitFor();
  await line('2 of 2 left').waitFor();
  const ada = await meeting.person('Ada');
  await ada.comeIn(once);
  await line('for one person').waitFor({ state: 'detached' });
  const ben = await meeting.person('Ben');
  await ben.knock(once);
  await ben.page.getByText('This invitation is used up or too old.').waitFor();

  await mina.page.getByRole('button', { name: 'Revoke' }).click();
  await mina.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await line('2 of 2 left').waitFor({ state: 'detached' });
  // Known by name by now, this page comes with it by itself.
  await ben.page.goto(twice);
  await ben.page.getByText('The host does not know this invitation.').waitFor();
});

it('the screen fits a phone and shows what the browser’s warning looks like', async () => {
  const host = await meeting.openOnNetwork('--admit', 'anyone');
  const mina = await meeting.person('Mina', { ...PHONE, ignoreHTTPSErrors: true });
  await mina.comeIn(host.signInUrl);
  await mina.page.getByRole('button', { name: /Menu of the session/ }).click();
  await mina.page.getByRole('menuitem', { name: 'Invite' }).click();
  await mina.page.getByText('The first time, the browser warns').waitFor();
  await mina.page.locator('svg text', { hasText: 'Advanced' }).waitFor();
  expect(await mina.isTooWide()).toBe(false);
  await mina.page.getByRole('button', { name: 'Show large' }).click();
  await mina.page.getByText(host.url, { exact: true }).last().waitFor();
  expect(await mina.isTooWide()).toBe(false);
});
