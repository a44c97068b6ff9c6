// Rooms, conversations of two, the trash, and what stays unread.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';

const meeting = new Meeting();

async function two(...options: string[]): Promise<[Person, Person]> {
  const host = await meeting.open('--admit', 'anyone', ...options);
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await ada.comeIn(host.url);
  return [mina, ada];
}

async function makeRoom(
  person: Person,
  name: string,
  visibility: 'Everybody' | 'Only who is invited',
) {
  await person.page.getByRole('button', { name: 'New room' }).click();
  await person.page.getByLabel('Name of the room').fill(name);
  await person.page.getByRole('radio', { name: new RegExp(`^${visibility}`) }).check();
  await person.page.getByRole('button', { name: 'Create' }).click();
  await person.page.getByRole('heading', { name }).waitFor();
}

it('a public room is found and joined, and what is said there is unread until it is seen', async () => {
  const [mina, ada] = await two();
  await makeRoom(mina, 'Kitchen', 'Everybody');
  await mina.say('Soup or salad?');
  await ada.goTo('Kitchen');
  await ada.page.getByText('You are looking in.').waitFor();
  await ada.message('Soup or salad?').waitFor();
  await ada.page.getByRole('main').getByRole('button', { name: 'Join' }).first().click();
  await ada.page.getByText('You are looking in.').waitFor({ state: 'detached' });
  await ada.goTo('General');
  await mina.say('Last call!');
  await ada.page.getByLabel('1 unread message').waitFor();
  await ada.goTo('Kitchen');
  await ada.page.getByRole('log').getByText('New', { exact: true }).waitFor();
  await ada.page.getByLabel('1 unread message').waitFor({ state: 'detached' });
  // Read is read, on the next visit too.
  await ada.page.reload();
  await ada.message('Last call!').waitFor();
  expect(await ada.page.getByLabel(/unread/).count()).toBe(0);
});

it('a private room exists only for who is invited, and is gone when one leaves', async () => {
  const [mina, ada] = await two();
  await makeRoom(mina, 'Surprise', 'Only who is invited');
  await mina.say('Cake at four');
  expect(await ada.page.getByRole('link', { name: /Surprise/ }).count()).toBe(0);
  await mina.page.getByRole('button', { name: 'Menu of the room' }).click();
  await mina.page.getByRole('menuitem', { name: 'Invite somebody…' }).click();
  await mina.page.getByRole('button', { name: /^Invite somebody… Ada/ }).click();
  await ada.goTo('Surprise');
  await ada.message('Cake at four').waitFor();
  await ada.page.getByRole('button', { name: 'Menu of the room' }).click();
  await ada.page.getByRole('menuitem', { name: 'Leave the room' }).click();
  await ada.page.getByRole('button', { name: 'Leave the room' }).click();
  await ada.page.getByRole('link', { name: /Surprise/ }).waitFor({ state: 'detached' });
});

it('two talk alone', async () => {
  const [mina, ada] = await two();
  await mina.page.getByRole('button', { name: 'Menu for Ada' }).click();
  await mina.page.getByRole('menuitem', { name: 'Talk to Ada' }).click();
  await mina.page.getByRole('main').getByRole('heading', { name: 'Ada' }).waitFor();
  await mina.say('Just you and me');
  await ada.page.getByRole('navigation').getByRole('link', { name: 'Mina' }).click();
  await ada.message('Just you and me').waitFor();
});

it('whoever types @ is offered the others first', async () => {
  const [mina, ada] = await two();
  await mina.page.getByRole('complementary').getByText('Ada').waitFor();
  await ada.page.getByRole('textbox', { name: /^Write to/ }).click();
  await ada.page.keyboard.type('@');
  await ada.page.getByRole('option', { name: '@Ada' }).waitFor();
  expect(await ada.page.getByRole('option').allTextContents()).toEqual(['@Mina', '@Ada']);
});

it('a message is edited and deleted for everybody', async () => {
  const [mina, ada] = await two();
  await ada.say('Tuseday');
  await ada.message('Tuseday').waitFor();
  await ada.rewriteLastMessage('Tuesday');
  await mina.message('Tuesday').getByText('(edited)').waitFor();
  await ada.message('Tuesday').hover();
  await ada
    .message('Tuesday')
    .getByRole('button', { name: 'What to do with this message' })
    .click();
  await ada.page.getByRole('menuitem', { name: 'Delete' }).click();
  await ada.page.getByRole('button', { name: 'Delete' }).click();
  await mina.page.getByText('deleted', { exact: true }).waitFor();
  expect(await mina.message('Tuesday').count()).toBe(0);
});

it('a note goes to the trash and comes back', async () => {
  const [mina, ada] = await two();
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.type('All of it');
  await mina.saved('saved').waitFor();
  await ada.goTo('Plan');
  await mina.page.getByRole('button', { name: 'Menu of the note' }).click();
  await mina.page.getByRole('menuitem', { name: 'Put into the trash' }).click();
  await ada.page.getByText('This note is in the trash.').waitFor();
  await ada.saved('read_only').waitFor();
  await mina.page.getByRole('button', { name: /Menu of the session/ }).click();
  await mina.page.getByRole('menuitem', { name: 'Trash' }).click();
  await mina.page.reload();
  await mina.page.getByRole('button', { name: 'Take back Plan' }).click();
  await ada.page.getByText('This note is in the trash.').waitFor({ state: 'detached' });
  await ada.saved('saved').waitFor();
});

it('a room goes to the trash with all it has, and comes back with it', async () => {
  const [mina, ada] = await two();
  await makeRoom(mina, 'Kitchen', 'Everybody');
  await mina.say('Soup');
  await mina.message('Soup').waitFor();
  await ada.goTo('Kitchen');
  await mina.page.getByRole('button', { name: 'Menu of the room' }).click();
  await mina.page.getByRole('menuitem', { name: 'Put the room into the trash…' }).click();
  await mina.page.getByRole('button', { name: 'Into the trash' }).click();
  await ada.page
    .getByRole('heading', { name: 'This room is not here' })
    .or(ada.page.getByText('This room is not here'))
    .waitFor();
  await mina.page.getByRole('button', { name: /Menu of the session/ }).click();
  await mina.page.getByRole('menuitem', { name: 'Trash' }).click();
  await mina.page.reload();
  await mina.page.getByRole('button', { name: 'Take back Kitchen' }).click();
  await mina.goTo('Kitchen');
  await mina.message('Soup').waitFor();
});

it('older messages come by scrolling, and what is read stays where it is', async () => {
  const [mina] = await two('--limits', 'off');
  await mina.page.getByRole('textbox', { name: /^Write to/ }).click();
  for (let count = 1; count <= 70; count += 1) {
    await mina.page.keyboard.insertText(`Message number ${count}.`);
    await mina.page.keyboard.press('Enter');
  }
  await mina.message('Message number 70.').waitFor();
  await mina.saved('saved').waitFor();
  await mina.page.reload();
  await mina.message('Message number 70.').waitFor();
  expect(await mina.message('Message number 1.').count()).toBe(0);
  await mina.page.getByRole('log').hover();
  await mina.page.mouse.wheel(0, -100_000);
  await mina.message('Message number 20.').waitFor();
  await mina.page.getByRole('button', { name: 'To the newest' }).waitFor();
  await mina.page.getByRole('button', { name: 'To the newest' }).click();
  await mina.message('Message number 70.').waitFor();
});
