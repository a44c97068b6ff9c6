// The guest's way in: each door, and each way it can stay shut.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { PHONE } from './support/person';

const meeting = new Meeting();

it('who knocks waits until the host lets them in', async () => {
  const host = await meeting.open('--admit', 'ask');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await ada.knock(host.url);
  await ada.page.getByRole('heading', { name: 'Waiting for Mina to let you in' }).waitFor();
  await mina.page.getByText('Ada is at the door').waitFor();
  await mina.page.getByRole('button', { name: 'Let in to read' }).click();
  await ada.link('live').waitFor();
  // A viewer takes part in the conversation and makes nothing.
  await ada.say('Thanks for letting me in');
  await mina.goTo('General');
  await mina.message('Thanks for letting me in').waitFor();
  expect(await ada.page.getByRole('button', { name: /New note/ }).count()).toBe(0);
});

it('who is declined is told so, and may knock again', async () => {
  const host = await meeting.open('--admit', 'ask');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await ada.knock(host.url);
  await mina.page.getByRole('button', { name: 'Decline' }).click();
  await ada.page.getByRole('heading', { name: 'The host declined.' }).waitFor();
  await ada.page.getByRole('button', { name: 'Knock again' }).click();
  await mina.page.getByText('Ada is at the door').waitFor();
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await mina.page.getByText('Ada is at the door').waitFor({ state: 'detached' });
});

it('a wrong PIN says how many tries are left, the right one opens', async () => {
  const host = await meeting.open('--pin', '482915');
  const ada = await meeting.person('Ada');
  await ada.knock(host.url);
  await ada.page.getByLabel('PIN').fill('000000');
  await ada.page.getByRole('button', { name: 'Come in' }).click();
  await ada.page.getByText(/^Wrong PIN\. \d tries left\.$/).waitFor();
  await ada.page.getByLabel('PIN').fill('482915');
  await ada.page.getByRole('button', { name: 'Come in' }).click();
  await ada.link('live').waitFor();
});

it('too many wrong PINs have to wait', async () => {
  const host = await meeting.open('--pin', '482915');
  const ada = await meeting.person('Ada');
  await ada.knock(host.url);
  const wait = ada.page.getByText(/^Too many tries\. Wait \d+ seconds?/);
  const wrong = ada.page.getByText(/^Wrong PIN\./);
  for (let tries = 0; tries < 8 && !(await wait.isVisible()); tries += 1) {
    await ada.page.getByLabel('PIN').fill('000000');
    await ada.page.getByRole('button', { name: 'Come in' }).click();
    await wait.or(wrong).waitFor();
    await ada.page.getByRole('button', { name: 'Come in' }).waitFor();
  }
  await wait.waitFor();
  expect(await ada.page.getByRole('button', { name: 'Come in' }).isDisabled()).toBe(true);
});

it('an invitation is gone from the address and is good once', async () => {
  const host = await meeting.open('--admit', 'ask');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  expect(mina.page.url()).not.toContain(new URL(host.signInUrl).hash);
  await ada.knock(host.signInUrl);
  await ada.page.getByText('This invitation is used up or too old.').waitFor();
});

it('a reload, and the next day, need no coming in again', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await ada.say('Still me');
  const place = ada.page.url();
  await ada.page.reload();
  await ada.message('Still me').waitFor();
  expect(ada.page.url()).toBe(place);
  await ada.page.getByRole('button', { name: /Menu of the session/ }).click();
  await ada.page.getByRole('menuitem', { name: 'Leave' }).click();
  await ada.page.getByRole('button', { name: 'Leave' }).click();
  await ada.page.getByRole('heading', { name: /^Come in to/ }).waitFor();
  // The name is remembered.
  expect(await ada.page.getByLabel('Your name').inputValue()).toBe('Ada');
});

it('a host that is gone before one came in is said in words', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.page.goto(host.url);
  await ada.page.getByLabel('Your name').fill('Ada');
  await host.stop();
  await ada.page.getByRole('button', { name: 'Come in' }).click();
  await ada.page.getByText(`${new URL(host.url).host} does not answer.`).waitFor();
  await host.startAgain();
  await ada.page.getByRole('button', { name: 'Try again' }).click();
  await ada.page.getByRole('heading', { name: /^Come in to/ }).waitFor();
});

it('a phone comes in by the network address, at 390 pixels, without what only secure pages have', async () => {
  const host = await meeting.openOnNetwork('--admit', 'anyone', '--browsers', 'plain');
  const ada = await meeting.person('Ada', PHONE);
  await ada.comeIn(host.url);
  expect(await ada.page.evaluate(() => [isSecureContext, 'randomUUID' in crypto])).toEqual([
    false,
    false,
  ]);
  const tabs = ada.page.locator('nav.tabs');
  await tabs.getByRole('button', { name: 'Rooms' }).click();
  await ada.page.getByRole('button', { name: 'New note in General' }).click();
  await ada.editor.waitFor();
  await ada.page.getByLabel('Title of the note').fill('On the phone');
  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.type('small screen');
  await ada.saved('saved').waitFor();
  await ada.page.getByRole('button', { name: 'Menu of the note' }).click();
  await ada.page.getByRole('menuitem', { name: 'Copy the text' }).click();
  await ada.page.getByText('Copied').waitFor();
  await tabs.getByRole('button', { name: 'People' }).click();
  await ada.page.getByRole('complementary').getByText('Ada').waitFor();
  for (const pane of ['Rooms', 'On the phone', 'People']) {
    await tabs.getByRole('button', { name: pane }).click();
    expect(await ada.isTooWide(), pane).toBe(false);
  }
});

it('encrypted, people come in, and who opens http is sent to https', async () => {
  const host = await meeting.openOnNetwork('--admit', 'anyone');
  const mina = await meeting.person('Mina');
  const ada = await meeting.person('Ada', PHONE);
  await mina.comeIn(host.signInUrl);
  await mina.page.getByRole('button', { name: 'Invite' }).click();
  await mina.page.getByText('The first time, the browser warns').waitFor();
  await ada.comeIn(host.url.replace('https:', 'http:'));
  expect(new URL(ada.page.url()).protocol).toBe('https:');
});

it('who reads along without encryption is told when the host switches it on', async () => {
  const host = await meeting.openOnNetwork('--admit', 'anyone', '--browsers', 'plain');
  const mina = await meeting.person('Mina');
  const ada = await meeting.person('Ada');
  await mina.comeIn(host.signInUrl.replace('http:', 'https:'));
  await ada.comeIn(host.url);
  await mina.page.getByRole('button', { name: 'Menu of the session' }).click();
  await mina.page.getByRole('menuitem', { name: 'Settings' }).click();
  await mina.page.getByText('encrypted', { exact: true }).click();
  await ada.page.getByRole('button', { name: 'Open encrypted' }).click();
  await ada.page.getByRole('heading', { name: /^Come in to/ }).waitFor();
  expect(new URL(ada.page.url()).protocol).toBe('https:');
});
