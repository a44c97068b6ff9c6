// Several people in one note: everybody's words are there, whatever the connection does.
import type { Route } from 'playwright-core';
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';
import { Script } from './support/script';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

/** How often something stands in a text. */
const count = (text: string, what: string) => text.split(what).length - 1;

it('two people type in one paragraph at once, and each undoes only their own words', async () => {
  const [mina, ada] = await together(meeting, 'middle');
  await caretAt(mina, 'Home');
  await caretAt(ada, 'End');
  await Promise.all([
    mina.page.keyboard.type('before ', { delay: 30 }),
    ada.page.keyboard.type(' after', { delay: 30 }),
  ]);
  for (const person of [mina, ada]) {
    await until(() => person.noteText(), 'before middle after');
  }
  await ada.page.keyboard.press('Control+z');
  for (const person of [mina, ada]) await until(() => person.noteText(), 'before middle');
  await mina.page.keyboard.press('Control+z');
  await until(() => ada.noteText(), 'middle');
  await ada.page.keyboard.press('Control+Shift+Z');
  for (const person of [mina, ada]) await until(() => person.noteText(), 'middle after');
});

it('who is offline goes on writing, reloads, and nothing of anybody is lost', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await caretAt(mina, 'Home');
  await caretAt(ada, 'End');
  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await ada.page.keyboard.type(' offline 👍', { delay: 20 });
  await mina.page.keyboard.type('online ', { delay: 20 });
  await ada.page.getByText('Not yet with the host (1)').waitFor();
  await until(() => ada.noteText(), 'shared offline 👍');
  await until(() => mina.noteText(), 'online shared');

  // The page itself comes from the host, so a reload needs the connection; the host is told nothing
  // before the page that was typed in is gone.
  const address = ada.page.url();
  await ada.page.goto('about:blank');
  await ada.context.setOffline(false);
  await ada.page.goto(address);
  await ada.link('live').waitFor();
  for (const person of [mina, ada]) {
    await until(() => person.noteText(), 'online shared offline 👍');
  }
  await ada.saved('saved').waitFor();
  await caretAt(ada, 'End');
  await ada.page.keyboard.type('!');
  await until(() => mina.noteText(), 'online shared offline 👍!');
});

it('two write in one paragraph, one of them is away and reloads, and on return all is as it should be', async () => {
  const [mina, ada] = await together(meeting, 'middle');
  await caretAt(mina, 'Home');
  await caretAt(ada, 'End');
  await Promise.all([
    mina.page.keyboard.type('Mina, ', { delay: 25 }),
    ada.page.keyboard.type(', Ada', { delay: 25 }),
  ]);
  for (const person of [mina, ada]) await until(() => person.noteText(), 'Mina, middle, Ada');

  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await Promise.all([
    mina.page.keyboard.type('here, ', { delay: 25 }),
    ada.page.keyboard.type(' away', { delay: 25 }),
  ]);
  await until(() => ada.noteText(), 'Mina, middle, Ada away');
  // The page comes from the host; what it would tell the host does not get there.
  const block = (route: Route) => route.abort();
  await ada.context.route('**/socket.io/?**', block);
  await ada.context.setOffline(false);
  await ada.page.reload();
  await ada.page.getByText('1 thing you wrote is not with the host yet').waitFor();
  await until(() => mina.noteText(), 'Mina, here, middle, Ada');
  await ada.context.unroute('**/socket.io/?**', block);
  await ada.link('live').waitFor();
  const both = 'Mina, here, middle, Ada away';
  for (const person of [mina, ada]) await until(() => person.noteText(), both);

  // Each stands where they stand, seen by the other.
  await caretAt(ada, 'End');
  const before = async (person: Person, name: string) => {
    const cursor = person.page.locator(`.cm-others-cursor[data-name="${name}"]`);
    if ((await cursor.count()) !== 1) return null;
    return cursor.evaluate((caret) => {
      const range = document.createRange();
      range.setStart(caret.closest('.cm-line')!, 0);
      range.setEndBefore(caret);
      return range.toString();
    });
  };
  await until(() => before(mina, 'Ada'), both);
  await until(() => before(ada, 'Mina'), 'Mina, here, ');

  // What was typed before the reload is text like any other; what came after it is one's own.
  await ada.page.keyboard.type(' back', { delay: 25 });
  await mina.page.keyboard.type('still ', { delay: 25 });
  for (const person of [mina, ada]) {
    await until(() => person.noteText(), 'Mina, here, still middle, Ada away back');
  }
  for (let times = 0; times < 5; times += 1) await ada.page.keyboard.press('Control+z');
  for (const person of [mina, ada]) {
    await until(() => person.noteText(), 'Mina, here, still middle, Ada away');
  }
  for (let times = 0; times < 5; times += 1) await mina.page.keyboard.press('Control+z');
  // All of hers, the text that the note began with too, and nothing of Ada's.
  for (const person of [mina, ada]) await until(() => person.noteText(), ', Ada away');
});

it('a tab that crashes offline leaves its words to the next one', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await caretAt(ada, 'End');
  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await ada.page.keyboard.insertText(' and typed before the crash');
  await until(() => ada.keptNotes(), 1);
  const address = ada.page.url();
  const crashed = ada.page.waitForEvent('crash');
  ada.page.goto('chrome://crash').catch(() => undefined);
  await crashed;
  await ada.page.close();
  await ada.context.setOffline(false);
  const page = await ada.context.newPage();
  await page.goto(address);
  await page.locator('[data-link="live"]').waitFor();
  await until(() => mina.noteText(), 'shared and typed before the crash');
});

it('each sees where the other is, with name, colour and selection', async () => {
  const [mina, ada] = await together(meeting, 'one two three');
  await caretAt(ada, 'Home');
  const cursor = mina.page.locator('.cm-others-cursor');
  await cursor.waitFor();
  expect(await cursor.getAttribute('data-name')).toBe('Ada');
  await ada.page.keyboard.press('Control+Shift+ArrowRight');
  const selection = mina.page.locator('.cm-others-selection');
  await selection.waitFor();
  expect((await selection.innerText()).trim()).toBe('one');
  // It stays with its words when somebody types before them.
  await caretAt(mina, 'Home');
  await mina.page.keyboard.type('zero ');
  await until(async () => (await selection.innerText()).trim(), 'one');
  // Cursors go with those who leave.
  await ada.goTo('General');
  await cursor.waitFor({ state: 'detached' });
});

it('what is read stays in place when somebody types above it', async () => {
  const lines = Array.from({ length: 120 }, (_, index) => `Line ${index}`);
  const [mina, ada] = await together(meeting, 'Top');
  await caretAt(mina, 'End');
  await mina.page.keyboard.insertText(`\n${lines.join('\n')}`);
  await mina.saved('saved').waitFor();
  const line = ada.page.locator('.cm-line', { hasText: /^Line 60$/ });
  const scroller = ada.page.locator('.cm-scroller');
  await until(() => scroller.evaluate((element) => element.scrollHeight > 2_000), true);
  await scroller.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  await line.waitFor();
  const place = async () => Math.round((await line.boundingBox())?.y ?? -1);
  await until(async () => (await place()) === (await place()), true);
  const before = await place();
  const height = await scroller.evaluate((element) => element.scrollHeight);
  await caretAt(mina, 'Home');
  for (let times = 0; times < 15; times += 1) {
    await mina.page.keyboard.type('New');
    await mina.page.keyboard.press('Enter');
  }
  await mina.saved('saved').waitFor();
  const grown = () => scroller.evaluate((element) => element.scrollHeight);
  await until(async () => (await grown()) > height + 15 * 20, true);
  // A browser scrolls by whole pixels, and lines are not whole.
  await until(async () => Math.abs((await place()) - before) < 8, true);
});

it('who may only read sees every word as it is written, and cannot write', async () => {
  const host = await meeting.open('--admit', 'ask');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await ada.knock(host.url);
  await mina.page.getByRole('button', { name: 'Let in to read' }).click();
  await ada.link('live').waitFor();
  await ada.goTo('Plan');
  await ada.saved('read_only').waitFor();
  await mina.editor.click();
  await mina.page.keyboard.type('for *everybody*');
  // It opens as it reads; how it is written is a click away, also the next time.
  await ada.page.getByLabel('The note as it reads').locator('em').waitFor();
  expect(await ada.editor.count()).toBe(0);
  await ada.page.getByText('Markdown', { exact: true }).click();
  await until(() => ada.noteText(), 'for *everybody*');
  await ada.page.reload();
  await until(() => ada.noteText(), 'for *everybody*');
  expect(await ada.editor.getAttribute('contenteditable')).toBe('false');
});

it('a script that writes in the middle of fast typing takes nothing away', async () => {
  const [mina, ada] = await together(meeting, 'first line');
  await caretAt(mina, 'Home');
  await caretAt(ada, 'End');
  const key = new URL(mina.page.url()).hash.split('/').at(-1);
  const script = await Script.enter(meeting.host, 'Script');
  const write = async () => {
    const { version } = (await script.call('note:read', { key })).note as { version: number };
    const changes = [{ from: 0, insert: 'S' }];
    await script.call('note:update', { key, version, changes });
  };
  await Promise.all([
    mina.page.keyboard.type('x'.repeat(60), { delay: 5 }),
    ada.page.keyboard.type('y'.repeat(60), { delay: 5 }),
    write().then(write).then(write),
  ]);
  const whole = async (person: Person) => {
    const text = await person.noteText();
    return [count(text, 'x'), count(text, 'y'), count(text, 'S')].join();
  };
  for (const person of [mina, ada]) await until(() => whole(person), '60,60,3');
  script.leave();
  expect(await mina.noteText()).toBe(await ada.noteText());
});

it('who goes to another place is seen there, without touching anything', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  const where = (place: string) =>
    mina.page.getByRole('button', { name: `in ${place}`, exact: true });
  await where('Plan').waitFor();
  await ada.goTo('General');
  await where('General').waitFor();
  await ada.goTo('Plan');
  await where('Plan').waitFor();
  await ada.page.reload();
  await where('Plan').waitFor({ state: 'detached' });
  await where('Plan').waitFor();
});
