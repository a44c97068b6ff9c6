// Everything is reachable by keyboard.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { until } from './support/until';

const meeting = new Meeting();

it('one comes in, finds a place, writes and leaves the text without a mouse', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  const { keyboard } = ada.page;
  await ada.page.goto(host.url);
  // The name is selected: typing replaces it.
  await ada.page.getByLabel('Your name').waitFor();
  await keyboard.type('Ada');
  await keyboard.press('Enter');
  await ada.link('live').waitFor();
  await ada.page.getByRole('button', { name: 'New note in General' }).press('Enter');
  await ada.page.getByLabel('Title of the note').waitFor();
  await keyboard.type('By keyboard');
  await ada.editor.waitFor();
  await keyboard.press('Enter');
  await keyboard.type('- one');
  await keyboard.press('Enter');
  await keyboard.type('two');
  expect(await ada.noteText()).toBe('- one\n- two');
  await keyboard.press('Escape');
  expect(await ada.editor.evaluate((editor) => editor === document.activeElement)).toBe(false);
  await keyboard.press('?');
  await ada.page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  await keyboard.press('Escape');
  await keyboard.press('Control+k');
  const search = ada.page.getByPlaceholder('Search notes');
  await until(() => search.evaluate((input) => input === document.activeElement), true);
  await keyboard.type('gen');
  await keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: 'General' }).waitFor();
  await keyboard.press('Control+k');
  await ada.page
    .getByRole('option', { name: 'By keyboard' })
    .or(ada.page.getByText('By keyboard'))
    .first()
    .waitFor();
  await keyboard.press('Escape');
  // Wherever one is, something has the focus and shows it.
  for (let count = 0; count < 40; count += 1) {
    await keyboard.press('Tab');
    const lost = await ada.page.evaluate(() => document.activeElement === document.body);
    if (!lost) continue;
    // Past the last one the browser itself has it for one step.
    await keyboard.press('Tab');
    expect(await ada.page.evaluate(() => document.activeElement === document.body)).toBe(false);
  }
});

it('nobody is caught in the editor: Tab goes on', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await ada.page.getByRole('button', { name: 'New note in General' }).click();
  await ada.editor.waitFor();
  await ada.page.getByLabel('Title of the note').fill('Plan');
  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.type('plain text');
  await ada.page.keyboard.press('Tab');
  expect(await ada.editor.evaluate((editor) => editor === document.activeElement)).toBe(false);
  expect(await ada.noteText()).toBe('plain text');
});
