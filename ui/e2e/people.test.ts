// Who hosts decides what others may, takes them out, and ends their devices.
import { expect, it } from 'vitest';
import { copied } from './support/clipboard';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';

const meeting = new Meeting();
/**
 * Who is out hears of it from the connection that is cut. A page that had to find out by itself would
 * notice with a heartbeat that is missed, after 15 seconds; a loaded machine takes some for anything.
 */
const AT_ONCE = { timeout: 10_000 };

async function two(...options: string[]): Promise<{ url: string; mina: Person; ada: Person }> {
  const host = await meeting.open(...options);
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await ada.comeIn(host.url);
  await mina.page.getByRole('complementary').getByText('Ada').waitFor();
  return { url: host.url, mina, ada };
}

async function choose(host: Person, item: string) {
  await host.page.getByRole('button', { name: 'Menu for Ada' }).click();
  await host.page.getByRole('menuitem', { name: item }).click();
  return host.page.getByRole('dialog');
}

/** Takes Ada out, whose page says so at once. */
async function remove({ mina, ada }: { mina: Person; ada: Person }, ban: boolean) {
  const dialog = await choose(mina, 'Remove Ada…');
  await dialog.getByText('Ada is out at once').waitFor();
  if (ban) await dialog.getByText('No', { exact: true }).click();
  await dialog.getByRole('button', { name: ban ? 'Remove and ban' : 'Remove' }).click();
  await ada.page.getByRole('heading', { name: 'You were removed' }).waitFor(AT_ONCE);
}

it('a role counts at once, and somebody can be made a host, too', async () => {
  const { mina, ada } = await two('--admit', 'anyone');
  await ada.page.getByRole('button', { name: 'New note in General' }).waitFor();
  const dialog = await choose(mina, 'What Ada may do…');
  await dialog.getByText('Read', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await ada.page
    .getByRole('button', { name: 'New note in General' })
    .waitFor({ state: 'detached' });
  const again = await choose(mina, 'What Ada may do…');
  await again.getByText('Host, too').click();
  await again.getByRole('button', { name: 'Save' }).click();
  await ada.page.getByRole('button', { name: 'Invite', exact: true }).waitFor();
});

/** The link as it would be on another computer: with TLS, where this browser was before. */
async function copiedLink(person: Person) {
  const link = await copied(person, 'Copy link');
  return link.replace(/^http:/, 'https:');
}

it('who is removed is told so at once and comes in again only by invitation', async () => {
  const both = await two('--admit', 'anyone');
  const { url, mina, ada } = both;
  await ada.say('Still here');
  await remove(both, false);
  await ada.page.getByText('What you wrote there stays, with your name.').waitFor();
  await ada.page.goto(url);
  await ada.page.getByRole('heading', { name: 'You were removed' }).waitFor();
  await mina.page.getByText('Taken out').click();
  await mina.page.getByText('comes in with an invitation').waitFor();

  await mina.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await mina.page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await copiedLink(mina);
  await ada.page.goto('about:blank');
  await ada.page.goto(link);
  await ada.link('live').waitFor();
});

it('who is banned stays out with an invitation, until the ban is lifted', async () => {
  const both = await two('--admit', 'anyone');
  const { url, mina, ada } = both;
  await mina.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await mina.page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await copiedLink(mina);
  await remove(both, true);
  await ada.page.goto('about:blank');
  await ada.page.goto(link);
  await ada.page.getByText('You were removed.').waitFor();

  await mina.page.getByText('Taken out').click();
  await mina.page.getByRole('button', { name: 'Let Ada in again' }).click();
  const dialog = mina.page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Let in again' }).click();
  await dialog.waitFor({ state: 'detached' });
  await ada.page.goto('about:blank');
  // Forgotten, this browser is nobody the host knows.
  await ada.page.goto(url);
  await ada.page.getByRole('button', { name: 'Come in again' }).click();
  await ada.page.getByRole('button', { name: 'Come in', exact: true }).click();
  await ada.link('live').waitFor();
});

it('a device that is signed out is out at once, and only that one', async () => {
  const { url, mina, ada } = await two('--admit', 'anyone');
  const ben = await meeting.person('Ben');
  await ben.comeIn(url);
  await mina.page.getByRole('button', { name: /Menu of the session/ }).click();
  await mina.page.getByRole('menuitem', { name: 'Devices' }).click();
  await mina.page.getByRole('button', { name: 'Sign out: Browser of Ada' }).click();
  await mina.page.getByText('It is disconnected at once.').waitFor();
  await mina.page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
  await ada.page.getByRole('heading', { name: 'You are not signed in any more' }).waitFor(AT_ONCE);
  await mina.page.getByRole('button', { name: 'Sign out: Browser of Ada' }).waitFor({
    state: 'detached',
  });
  await ben.say('Still here');
  await mina.page.getByRole('button', { name: 'Sign out: Browser of Ben' }).waitFor();
  await ada.page.getByRole('button', { name: 'Come in again' }).click();
  await ada.page.getByRole('heading', { name: /^Come in to/ }).waitFor();
});

it('a menu that is open stays as it is when the person it is about comes back', async () => {
  const { url, mina, ada } = await two('--admit', 'anyone');
  const panel = mina.page.getByRole('complementary');
  await panel.getByText('in General').waitFor();
  await ada.page.goto('about:blank');
  await panel.getByText('Not here now').waitFor();
  const menu = mina.page.getByRole('button', { name: 'Menu for Ada' });
  const items = mina.page.getByRole('menuitem');
  await menu.click();
  await items.first().waitFor();
  const before = await items.allInnerTexts();
  await ada.open(url);
  await panel.getByText('in General').waitFor();
  expect(await items.allInnerTexts()).toEqual(before);

  // The next time it leads to where she is.
  await mina.page.keyboard.press('Escape');
  await menu.click();
  await items.filter({ hasText: 'Go to where Ada is' }).waitFor();
});
