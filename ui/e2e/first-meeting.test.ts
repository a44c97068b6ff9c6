// Two people in two browsers do what a first meeting does.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { until } from './support/until';

const meeting = new Meeting();

it('two people meet: they see each other, talk, and write one note', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const mina = await meeting.person('Mina');
  const ada = await meeting.person('Ada');
  await mina.comeIn(host.signInUrl);
  expect(new URL(mina.page.url()).hash).toMatch(/^#\/(room|invite)/);
  await mina.goTo('General');
  await ada.comeIn(host.url);

  // Each sees the other.
  await mina.page.getByRole('complementary').getByText('Ada').waitFor();
  await ada.page.getByRole('complementary').getByText('Mina').waitFor();

  // A message crosses both ways, and typing shows before it.
  await ada.page.getByRole('textbox', { name: /^Write to/ }).click();
  await ada.page.keyboard.type('Good mor');
  await mina.page.getByText('Ada is writing…').waitFor();
  await ada.page.keyboard.type('ning, **all**');
  await ada.page.keyboard.press('Enter');
  await mina.message('Good morning, all').waitFor();
  await mina.say('Welcome!');
  await ada.message('Welcome!').waitFor();

  // One makes a note, the other finds it and both write.
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.type('First line');
  await mina.saved('saved').waitFor();
  await ada.goTo('Plan');
  await until(() => ada.noteText(), 'First line');
  await ada.editor.click();
  await ada.page.keyboard.press('Control+End');
  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.type('Second line');
  await until(() => mina.noteText(), 'First line\nSecond line');
});

it('what both write at the same time is all there at the end', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.type('middle');
  await mina.saved('saved').waitFor();
  await ada.comeIn(host.url);
  await ada.goTo('Plan');
  await until(() => ada.noteText(), 'middle');
  await mina.page.keyboard.press('Control+Home');
  await ada.editor.click();
  await ada.page.keyboard.press('Control+End');
  await Promise.all([
    mina.page.keyboard.type('before ', { delay: 40 }),
    ada.page.keyboard.type(' after', { delay: 40 }),
  ]);
  await until(() => mina.noteText(), 'before middle after');
  await until(() => ada.noteText(), 'before middle after');
});

it('one asks the other to come, and is answered', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await ada.comeIn(host.url);
  // Who has only just signed in is not here yet, and cannot be asked.
  await mina.page.getByRole('complementary').getByText('in General').waitFor();
  await mina.page.getByRole('button', { name: 'Menu for Ada' }).click();
  await mina.page.getByRole('menuitem', { name: /^Ask Ada/ }).click();
  await mina.page.getByRole('button', { name: 'Ask', exact: true }).click();
  await ada.page.getByText('Can you come to General?').waitFor();
  await ada.page.getByRole('button', { name: 'Yes, coming' }).click();
  await mina.page.getByText('Ada: Yes, coming').waitFor();
});

it('the host tells everybody something', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await ada.comeIn(host.url);
  await mina.page.getByRole('button', { name: /Menu of the session/ }).click();
  await mina.page.getByRole('menuitem', { name: 'Tell everybody…' }).click();
  await mina.page.getByLabel('Announcement').fill('Lunch is ready');
  await mina.page.getByRole('button', { name: 'Tell everybody' }).click();
  await ada.page.getByRole('alert').filter({ hasText: 'Lunch is ready' }).waitFor();
  await ada.page.getByRole('button', { name: 'Dismiss the announcement' }).click();
  await ada.page.getByText('Lunch is ready').waitFor({ state: 'detached' });
});
