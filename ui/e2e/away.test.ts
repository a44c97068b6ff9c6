// Losing the connection loses nothing else.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';
import { until } from './support/until';

const meeting = new Meeting();

async function openPlan(person: Person, text: string) {
  await person.goTo('General');
  await person.page.getByRole('button', { name: 'New note in General' }).click();
  await person.editor.waitFor();
  await person.page.getByLabel('Title of the note').fill('Plan');
  await person.page.keyboard.press('Enter');
  await person.page.keyboard.type(text);
  await person.saved('saved').waitFor();
}

it('who loses the connection goes on writing, and both have everything afterwards', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await openPlan(mina, 'Start.');
  await ada.comeIn(host.url);
  await ada.goTo('Plan');
  await until(() => ada.noteText(), 'Start.');

  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await ada.page.getByText('Mina’s computer is away. Your work is safe on this device.').waitFor();
  await ada.editor.click();
  await ada.page.keyboard.press('Control+End');
  await ada.page.keyboard.type(' Written while away.');
  await ada.saved('waiting').waitFor();
  await ada.goTo('General');
  await ada.say('Sent while away');
  await ada.page.getByText('Not yet with the host (2)').waitFor();
  // Not "by Mina", whose change is older.
  await ada.goTo('Plan');
  await ada.page.getByText('Changed by you, not yet with the host').waitFor();
  await ada.goTo('General');

  await mina.editor.click();
  await mina.page.keyboard.press('Control+Home');
  await mina.page.keyboard.type('Meanwhile. ');
  await mina.goTo('General');
  await mina.say('Are you there?');
  await mina.message('Are you there?').waitFor();

  await ada.context.setOffline(false);
  await ada.link('live').waitFor();
  await ada.page.getByText(/^Connected again\. 2 things you wrote were sent\./).waitFor();
  await mina.message('Sent while away').waitFor();
  await ada.message('Are you there?').waitFor();
  expect(await mina.message('Sent while away').count()).toBe(1);
  for (const person of [mina, ada]) {
    await person.goTo('Plan');
    await until(() => person.noteText(), 'Meanwhile. Start. Written while away.');
  }
});

it('a host that stops and comes back is caught up with, and nothing is sent twice', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await openPlan(ada, 'Start.');
  await host.stop();
  await ada.link('away').waitFor();
  await ada.page.keyboard.type(' More.');
  await ada.saved('waiting').waitFor();
  await ada.goTo('General');
  await ada.say('While it was off');
  await host.startAgain();
  await ada.link('live').waitFor();
  await ada.saved('saved').waitFor();
  expect(await ada.message('While it was off').count()).toBe(1);
  await ada.page.reload();
  await ada.message('While it was off').waitFor();
  expect(await ada.message('While it was off').count()).toBe(1);
  await ada.goTo('Plan');
  await until(() => ada.noteText(), 'Start. More.');
});

it('drafts survive a page that is closed while the host is away', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await openPlan(ada, 'Start.');
  const plan = ada.page.url();
  await host.stop();
  await ada.link('away').waitFor();
  await ada.page.keyboard.type(' Not saved yet.');
  await ada.saved('waiting').waitFor();
  await ada.goTo('General');
  await ada.say('Not sent yet');
  await ada.page.getByRole('textbox', { name: /^Write to/ }).click();
  await ada.page.keyboard.type('Half a sent');
  await ada.page.close();

  await host.startAgain();
  const page = await ada.context.newPage();
  await page.goto(plan);
  await page.locator('[data-link="live"]').waitFor();
  await page.locator('[data-save="saved"]').waitFor();
  const text = page.getByRole('textbox', { name: 'Text of the note' });
  await until(() => text.innerText(), 'Start. Not saved yet.');
  await page.getByRole('link', { name: /^General/ }).click();
  const message = page.getByRole('article').filter({ hasText: 'Not sent yet' });
  await message.waitFor();
  expect(await message.count()).toBe(1);
  const composer = page.getByRole('textbox', { name: /^Write to/ });
  await until(() => composer.innerText(), 'Half a sent');
});

it('a host that hangs is not called connected', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  host.freeze();
  await ada.link('away').waitFor();
  await ada.say('Are you well?');
  host.thaw();
  await ada.link('live').waitFor();
  await ada.saved('saved').waitFor();
  expect(await ada.message('Are you well?').count()).toBe(1);
});

it('two tabs of one person do not send one thing twice', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await openPlan(ada, 'Start.');
  const plan = ada.page.url();
  await host.stop();
  await ada.link('away').waitFor();
  await ada.page.keyboard.type(' More.');
  await ada.saved('waiting').waitFor();
  await host.startAgain();
  // Opened at the moment when the first comes back, with its drafts within reach.
  const second = await ada.context.newPage();
  await second.goto(plan);
  await second.locator('[data-link="live"]').waitFor();
  await ada.link('live').waitFor();
  await ada.saved('saved').waitFor();
  await second.locator('[data-save="saved"]').waitFor();
  await until(() => ada.noteText(), 'Start. More.');
  const text = second.getByRole('textbox', { name: 'Text of the note' });
  await until(() => text.innerText(), 'Start. More.');
});

it('a host that comes back with an old copy is believed, and gets what is still unsaved', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await openPlan(ada, 'Start.');
  await host.stop();
  await host.backUp();
  await host.startAgain();
  await ada.link('live').waitFor();
  await ada.page.keyboard.type(' Newer.');
  await ada.saved('saved').waitFor();
  await host.stop();
  await host.restore();
  await ada.link('away').waitFor();
  await ada.page.keyboard.type(' Unsaved.');
  await ada.saved('waiting').waitFor();
  await host.startAgain();
  await ada.link('live').waitFor();
  await ada.saved('saved').waitFor();
  await until(() => ada.noteText(), 'Start. Unsaved.');
  await ada.page.getByText('The host went back to an earlier state of this session.').waitFor();
  await ada.page.getByText('1 thing that this page knew is missing there').waitFor();
  // The text is another one by now, and who types in it is where they were.
  await ada.page.keyboard.type(' Typed on.');
  await ada.saved('saved').waitFor();
  await ada.page.reload();
  await until(() => ada.noteText(), 'Start. Unsaved. Typed on.');
  // What was there before is offered until it is copied, or somebody says that it is not needed.
  await ada.page.getByText('1 thing that this page knew is missing there').waitFor();
  const strip = ada.page.getByRole('alert').filter({ hasText: 'The host went back' });
  await strip.getByRole('button', { name: 'Close' }).click();
  await ada.page.getByRole('button', { name: 'Let go of it' }).click();
  await strip.waitFor({ state: 'detached' });
});

it('a guest is told at once what needs the host that is away, and what was typed stays', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await ada.comeIn(host.url);
  await openPlan(ada, 'Start.');
  await ada.goTo('General');
  await ada.say('Tuseday');
  await ada.saved('saved').waitFor();
  await host.stop();
  await ada.page.getByText('Mina’s computer is away. Your work is safe on this device.').waitFor();

  // No time is measured: what is said is gone before the patience for a host that hangs is over.
  await ada.page.getByRole('button', { name: 'New note in General' }).click();
  const soon = { timeout: 10_000 };
  await ada.page.getByText('Mina’s computer is away, and a new note needs it.').waitFor(soon);

  await ada.rewriteLastMessage('Tuesday');
  await ada.page.getByText('The host is away, and this needs the host.').waitFor(soon);
  const editing = ada.page.getByRole('textbox', { name: 'Editing your message' });
  await until(() => editing.innerText(), 'Tuesday');

  await ada.goTo('Plan');
  await ada.page.getByLabel('Title of the note').fill('Grand plan');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByText('The new title is kept here').waitFor(soon);
  expect(await ada.page.getByLabel('Title of the note').inputValue()).toBe('Grand plan');

  await ada.page.getByRole('button', { name: 'New room' }).click();
  await ada.page.getByLabel('Name of the room').fill('Kitchen');
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByText('What you typed stays here').waitFor();
  const create = dialog.getByRole('button', { name: 'Create' });
  expect(await create.isDisabled()).toBe(true);

  await host.startAgain();
  await create.click();
  await ada.page.getByRole('heading', { name: 'Kitchen' }).waitFor();
  await mina.page.getByRole('link', { name: /^Grand plan/ }).waitFor();
});
