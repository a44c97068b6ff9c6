// A host goes back to an earlier state: what a copy from before has is offered on the new one's page.
import { afterEach, expect, it } from 'vitest';
import { Copy } from './support/copy';
import { Meeting } from './support/meeting';
import { type Person, PHONE } from './support/person';
import { until } from './support/until';

const meeting = new Meeting();
let copy: Copy | null = null;

afterEach(async () => {
  await copy?.remove();
  copy = null;
});

async function makeNote(person: Person, title: string, text: string) {
  await person.goTo('General');
  await person.page.getByRole('button', { name: 'New note in General' }).click();
  await person.editor.waitFor();
  await person.page.getByLabel('Title of the note').fill(title);
  await person.page.keyboard.press('Enter');
  await person.page.keyboard.insertText(text);
  await person.saved('saved').waitFor();
}

async function addTo(person: Person, title: string, text: string) {
  await person.goTo(title);
  await person.editor.click();
  await person.page.keyboard.press('Control+End');
  await person.page.keyboard.insertText(text);
  await person.saved('saved').waitFor();
}

/** A host that went back to before Ben wrote more, and Mina less, in copies of theirs. */
async function goneBack() {
  const host = await meeting.open('--admit', 'anyone');
  const mina = await meeting.person('Mina');
  await mina.comeIn(host.signInUrl);
  await makeNote(mina, 'Plan', 'One.');
  await makeNote(mina, 'Guests', 'Ann.');
  copy = await Copy.join(host, 'Ben');
  const ben = await meeting.person('Ben');
  await ben.open(await copy.address(1));
  await host.stop();
  await host.backUp();
  await host.startAgain();
  await mina.link('live').waitFor();
  await ben.link('live').waitFor();
  await addTo(ben, 'Plan', ' Two.');
  await addTo(ben, 'Guests', ' Bob.');
  await makeNote(ben, 'Shopping', 'Tea and\nbiscuits.');
  await ben.goTo('General');
  await ben.say('See you at the lake');
  await mina.goTo('General');
  await mina.message('See you at the lake').waitFor();
  await mina.say('I bring the boat');
  await ben.message('I bring the boat').waitFor();
  await mina.leave();
  await host.stop();
  await host.restore();
  await host.startAgain();
  return { host, before: ben };
}

it('what the copy from before had is read, brought back, and does not overwrite others', async () => {
  const { host } = await goneBack();
  const ann = await meeting.person('Ann');
  await ann.comeIn(host.url);
  await addTo(ann, 'Guests', ' Eve.');

  const ben = await meeting.person('Ben');
  await ben.open(await copy!.address(2));
  await ben.page.getByText('The host went back to an earlier state of this session.').waitFor();
  await ben.page.getByText('5 things in your copy from before are missing here.').waitFor();
  await ben.page.getByRole('button', { name: 'Look at it' }).click();
  const dialog = ben.page.getByRole('dialog');
  const card = (name: string | RegExp) => dialog.getByRole('article', { name });
  await card('The note “Plan”').getByText('One. Two.').waitFor();
  expect(await dialog.getByRole('article').count()).toBe(5);

  // One by itself, then everything that is sure.
  await card('The note “Shopping”').getByRole('button', { name: 'Make the note again' }).click();
  await until(() => dialog.getByRole('article').count(), 4);
  await dialog.getByRole('button', { name: 'Bring 3 things back' }).click();
  await ben.page.getByText('It is back.').waitFor();
  await until(() => dialog.getByRole('article').count(), 1);

  // What somebody else said comes back under one's own name only as a quote.
  await card('A message').getByRole('button', { name: 'Send it as a quote' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await ben.page.getByText('missing here').waitFor({ state: 'hidden' });

  await ann.goTo('Plan');
  await until(() => ann.noteText(), 'One. Two.');
  await ann.goTo('Shopping');
  await until(() => ann.noteText(), 'Tea and\nbiscuits.');
  await ann.goTo('Guests .from before.');
  await until(() => ann.noteText(), 'Ann. Bob.');
  await ann.goTo('Guests$');
  await until(() => ann.noteText(), 'Ann. Eve.');
  await ann.goTo('General');
  await ann.message('See you at the lake').waitFor();
  await ann.message('I bring the boat').waitFor();
});

it('a phone shows it too, and what is not needed is offered no more', async () => {
  await goneBack();
  const ben = await meeting.person('Ben', PHONE);
  await ben.open(await copy!.address(2));
  await ben.page.getByRole('button', { name: 'Look at it' }).click();
  const dialog = ben.page.getByRole('dialog').first();
  await dialog.getByRole('article').first().waitFor();
  expect(await ben.isTooWide()).toBe(false);
  const all = await dialog.getByRole('article').count();
  const second = await dialog.getByRole('article').nth(1).getAttribute('aria-label');
  await dialog.getByRole('button', { name: 'Not needed' }).first().click();
  await ben.page.getByRole('button', { name: 'Do not offer it' }).click();
  await until(() => dialog.getByRole('article').count(), all - 1);
  // Who goes on by keyboard goes on with the next one.
  const focused = () => ben.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await until(focused, second);
  await ben.page.reload();
  await ben.page.getByText(`${all - 1} things in your copy from before`).waitFor();
  await ben.page.getByRole('button', { name: 'Look at it' }).click();
  await ben.page.getByRole('button', { name: 'None of it is needed' }).click();
  await ben.page.getByRole('button', { name: 'Offer nothing' }).click();
  await ben.page.getByRole('button', { name: 'Look at it' }).waitFor({ state: 'detached' });
  await until(() => ben.page.evaluate(() => document.activeElement?.id), 'main');
});

it('the page of a copy says whose it is, and where it goes on when another one was begun', async () => {
  const { host, before } = await goneBack();
  await before.page.getByRole('heading', { name: 'The session goes on in a new copy' }).waitFor();
  await before.page.getByText('Open the newest address').waitFor();
  const second = await copy!.address(2);
  // Nobody else comes in here, and nobody is asked who they are.
  const ann = await meeting.person('Ann');
  await ann.page.goto(new URL(second).origin);
  await ann.page.getByRole('heading', { name: 'Ben’s copy of “Design week”' }).waitFor();
  await ann.page.getByText('Everybody else comes in at the host’s address').waitFor();
  expect(await ann.page.getByRole('textbox').count()).toBe(0);
  await before.open(second);
  await before.page.getByText('5 things in your copy from before are missing here.').waitFor();
  // It was good once.
  await ann.page.goto(second);
  await ann.page.getByText('This address was used before, or is too old.').waitFor();
  await host.stop();
});
