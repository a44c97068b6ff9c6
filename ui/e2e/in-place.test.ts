// What one looks at stays in its place: the page does not scroll, its parts do.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { PHONE } from './support/person';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

it('nothing in a long page makes the document scroll into emptiness', async () => {
  const [mina] = await together(meeting, 'Top');
  await caretAt(mina, 'End');
  const lines = Array.from({ length: 150 }, (_, at) => `- [ ] line ${at}`);
  await mina.page.keyboard.insertText(`\n${lines.join('\n')}`);
  await mina.saved('saved').waitFor();
  await mina.page.setViewportSize({ width: 1200, height: 500 });
  await mina.page.getByText('Read', { exact: true }).click();
  await mina.page.getByRole('checkbox', { name: 'line 149' }).waitFor();
  expect(await mina.emptyBelow()).toBe(0);
  await mina.page.getByRole('button', { name: 'Menu of the note' }).click();
  await mina.page.getByRole('menuitem', { name: 'History' }).click();
  await mina.page
    .getByRole('region', { name: 'Text at this version' })
    .locator('ins')
    .last()
    .waitFor();
  expect(await mina.emptyBelow()).toBe(0);
  await mina.page.getByRole('button', { name: /Menu of the session/ }).click();
  await mina.page.getByRole('menuitem', { name: 'Invite' }).click();
  await mina.page.getByRole('heading', { name: 'More invitations' }).waitFor();
  expect(await mina.emptyBelow()).toBe(0);
});

it('the newest message stays in sight when the conversation gets lower', async () => {
  const host = await meeting.open('--admit', 'anyone', '--limits', 'off');
  const mina = await meeting.person('Mina');
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('textbox', { name: /^Write to/ }).click();
  for (let count = 1; count <= 40; count += 1) {
    await mina.page.keyboard.insertText(`Message number ${count}.`);
    await mina.page.keyboard.press('Enter');
  }
  await mina.message('Message number 40.').waitFor();
  await mina.saved('saved').waitFor();
  /** How far the end of what was said is below the lower edge of where it is shown. */
  const hidden = () =>
    mina.page.getByRole('log').evaluate((log) => {
      const last = log.querySelector('article:last-of-type')!;
      return Math.round(last.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom);
    });
  await until(async () => (await hidden()) <= 0, true);
  await mina.page.setViewportSize({ width: 1200, height: 420 });
  await until(async () => (await hidden()) <= 0, true);
  // Several lines are being written.
  for (let line = 1; line <= 6; line += 1) {
    await mina.page.keyboard.type(`Line ${line}`);
    await mina.page.keyboard.press('Shift+Enter');
  }
  await until(async () => (await hidden()) <= 0, true);
});

it('a phone says in words that the host is away, and what that means', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada', PHONE);
  await ada.comeIn(host.url);
  await host.stop();
  await ada.link('away').getByText('Not connected').waitFor();
  const { width } = (await ada.link('away').getByText('Not connected').boundingBox())!;
  expect(width).toBeGreaterThan(30);
  await ada.saved('offline').waitFor();
  expect(await ada.isTooWide()).toBe(false);
});

it('what is said for a moment covers neither the title nor the field to write in', async () => {
  const [mina] = await together(meeting, 'shared');
  await mina.page.getByRole('button', { name: 'Menu of the note' }).click();
  await mina.page.getByRole('menuitem', { name: 'Copy a reference for messages' }).click();
  const said = mina.page.getByRole('status').getByText('Copied');
  await said.waitFor();
  const box = (await said.boundingBox())!;
  const main = (await mina.page.getByRole('main').boundingBox())!;
  expect(box.x + box.width).toBeLessThan(main.x);
});

it('a page that was loaded has no frame around what nobody has gone to', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada');
  await ada.comeIn(host.url);
  await ada.goTo('General');
  await ada.page.goto(host.url);
  await ada.page.getByRole('heading', { name: 'General' }).waitFor();
  await ada.link('live').waitFor();
  expect(await ada.page.evaluate(() => document.activeElement === document.body)).toBe(true);
});
