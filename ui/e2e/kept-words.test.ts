// What is typed while the host is away outlives the tab, or the page says that it would not.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

/** Ends a page's process, as when memory runs out; nothing in the page gets to know. */
async function crash(person: Person) {
  const control = await person.context.newCDPSession(person.page);
  const crashed = person.page.waitForEvent('crash');
  control.send('Page.crash').catch(() => undefined);
  await crashed;
  await person.page.close();
}

it('a tab that crashes in the middle of typing loses at most the last key', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await caretAt(ada, 'End');
  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  const address = ada.page.url();
  const words = ' and typed while nobody answered';
  await ada.page.keyboard.type(words, { delay: 10 });
  await crash(ada);
  await ada.context.setOffline(false);
  const page = await ada.context.newPage();
  await page.goto(address);
  await page.locator('[data-save="saved"]').waitFor();
  await until(async () => (await mina.noteText()).length >= `shared${words}`.length - 1, true);
  expect(`shared${words}`).toContain(await mina.noteText());
});

it('two tabs that crash leave both their words', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  const address = ada.page.url();
  const second = await ada.context.newPage();
  await second.goto(address);
  await second.locator('[data-save="saved"]').waitFor();
  await ada.context.setOffline(true);
  for (const [page, key, words] of [
    [ada.page, 'Home', 'first '],
    [second, 'End', ' second'],
  ] as const) {
    await page.locator('[data-link="away"]').waitFor();
    await page.bringToFront();
    await page.getByRole('textbox', { name: 'Text of the note' }).click();
    await page.keyboard.press(`Control+${key}`);
    // At once: what is kept of it is all of it.
    await page.keyboard.insertText(words);
  }
  await until(() => ada.keptNotes(), 2);
  await second.close();
  await crash(ada);
  await ada.context.setOffline(false);
  const page = await ada.context.newPage();
  await page.goto(address);
  await until(() => mina.noteText(), 'first shared second');
});

it('a browser that keeps nothing works, and says so while the host is away', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const mina = await meeting.person('Mina');
  await mina.context.addInitScript(() => {
    const nothing = { get: () => undefined };
    Object.defineProperty(globalThis, 'indexedDB', nothing);
    const refusing = {
      get: () => {
        throw new DOMException('not here', 'SecurityError');
      },
    };
    Object.defineProperty(globalThis, 'localStorage', refusing);
  });
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.type('with the host');
  await mina.saved('saved').waitFor();
  await mina.context.setOffline(true);
  await mina.link('away').waitFor();
  await mina.page.keyboard.type(' and not yet');
  await mina.page.getByText('this browser cannot keep your work').waitFor();
  await mina.page.getByText('Not kept on this device: leave this tab open').first().waitFor();
  await mina.context.setOffline(false);
  await mina.saved('saved').waitFor();
  expect(await mina.noteText()).toBe('with the host and not yet');
});

it('without a database, words are kept where the browser has other room', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await ada.context.addInitScript(() => {
    const nothing = { get: () => undefined };
    Object.defineProperty(globalThis, 'indexedDB', nothing);
  });
  await ada.page.reload();
  await ada.link('live').waitFor();
  await caretAt(ada, 'End');
  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await ada.page.keyboard.type(' and typed');
  const address = ada.page.url();
  await ada.page.getByText('Not yet with the host (1)').waitFor();
  await ada.page.close();
  await ada.context.setOffline(false);
  const page = await ada.context.newPage();
  await page.goto(address);
  await until(() => mina.noteText(), 'shared and typed');
});
