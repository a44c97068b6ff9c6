// A note goes into another room, and with it goes who sees it.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

async function makeRoom(person: Person, name: string, who: 'Everybody' | 'Only who is invited') {
  const address = person.page.url();
  await person.page.getByRole('button', { name: 'New room' }).click();
  await person.page.getByLabel('Name of the room').fill(name);
  await person.page.getByRole('radio', { name: new RegExp(`^${who}`) }).check();
  await person.page.getByRole('button', { name: 'Create' }).click();
  await person.page.getByRole('link', { name }).waitFor();
  await person.page.goto(address);
}

async function move(person: Person, room: string) {
  await person.page.getByRole('button', { name: 'Menu of the note' }).click();
  await person.page.getByRole('menuitem', { name: 'Move to another room' }).click();
  await person.page.getByRole('radio', { name: room }).check();
  await person.page.getByRole('button', { name: 'Move it' }).click();
}

it('a note moves to where everybody sees it, and back', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await makeRoom(mina, 'Kitchen', 'Everybody');
  await move(mina, 'Kitchen Everybody here will see it.');
  // Pointed at, it stays there to be taken back.
  await mina.page.getByText('“Plan” is in Kitchen now.').hover();
  // Who writes in it goes on writing.
  await caretAt(ada, 'End');
  await ada.page.keyboard.type(' words');
  await until(() => mina.noteText(), 'shared words');
  // And is told where it is: what becomes of it is told in that room.
  await ada.page.getByText('This note is in Kitchen.').waitFor();
  await ada.page.getByRole('main').getByRole('button', { name: 'Join' }).click();
  await ada.page.getByText('This note is in Kitchen.').waitFor({ state: 'detached' });
  await mina.page.getByRole('button', { name: 'Undo' }).click();
  await mina.goTo('General');
  await mina.page.getByRole('listitem').filter({ hasText: 'General' }).getByText('Plan').waitFor();
});

it('a note in a private room is gone for the others, but what they wrote offline is not', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await makeRoom(mina, 'Two of us', 'Only who is invited');
  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await caretAt(ada, 'End');
  await ada.page.keyboard.type(' and unsent');
  await move(mina, 'Two of us Only the members of Two of us will see it.');
  await mina.page.getByText('“Plan” is in Two of us now.').waitFor();
  await ada.context.setOffline(false);
  await ada.link('live').waitFor();
  await ada.page.getByText('What you wrote is kept here until you copy or discard it.').waitFor();
  expect(await ada.noteText()).toBe('shared and unsent');
  await until(() => ada.page.getByRole('link', { name: 'Plan' }).count(), 0);
  expect(await mina.noteText()).toBe('shared');
});

it('a note is dragged onto a room, and asked about where others would see it', async () => {
  const [mina] = await together(meeting, 'shared');
  await makeRoom(mina, 'Kitchen', 'Everybody');
  await makeRoom(mina, 'Two of us', 'Only who is invited');
  const note = mina.page.getByRole('link', { name: 'Plan' });
  await note.dragTo(mina.page.getByRole('link', { name: 'Kitchen' }));
  await mina.page.getByText('“Plan” is in Kitchen now.').waitFor();
  await note.dragTo(mina.page.getByRole('link', { name: 'Two of us' }));
  await mina.page.getByRole('button', { name: 'Move it' }).click();
  await mina.page.getByText('“Plan” is in Two of us now.').waitFor();
});
