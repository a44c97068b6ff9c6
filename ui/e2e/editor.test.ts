// Writing a note: lists and tasks, both views beside each other, find and replace.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

async function show(person: Person, view: 'Write' | 'Markdown' | 'Both' | 'Read') {
  await person.page.getByText(view, { exact: true }).click();
}

const reading = (person: Person) => person.page.getByLabel('The note as it reads');

it('a list goes on by Enter, goes in by Tab, and Escape leads out', async () => {
  const [mina] = await together(meeting, 'List:');
  const { keyboard } = mina.page;
  await caretAt(mina, 'End');
  await keyboard.press('Enter');
  await keyboard.type('1. one\ntwo\nthree');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await keyboard.press('Enter');
  await keyboard.press('Enter');
  await keyboard.type('after');
  await until(() => mina.noteText(), 'List:\n1. one\n2. two\n   1. three\nafter');
  // Outside a list Tab leaves the text, as everywhere on a page; inside one, Escape does.
  await keyboard.press('ArrowUp');
  await keyboard.press('Escape');
  expect(await mina.editor.evaluate((element) => element === document.activeElement)).toBe(false);
});

it('tasks tick by a key in the text, and by a click where it reads, however it changes', async () => {
  const [mina, ada] = await together(meeting, '- [ ] wash\n- [ ] iron\n- [x] fold');
  await caretAt(mina, 'Home');
  await mina.page.keyboard.press('Control+Enter');
  await until(() => ada.noteText(), '- [x] wash\n- [ ] iron\n- [x] fold');

  await show(ada, 'Read');
  const iron = reading(ada).getByRole('checkbox', { name: 'iron', exact: true });
  await iron.waitFor();
  // While one types above, the other ticks what moves down under the pointer.
  await Promise.all([
    mina.page.keyboard.type('Laundry\nof the [ ] week\n', { delay: 15 }),
    iron.click(),
  ]);
  const text = 'Laundry\nof the [ ] week\n- [x] wash\n- [x] iron\n- [x] fold';
  await until(() => mina.noteText(), text);
  expect(await iron.isChecked()).toBe(true);
  // It is one's own edit like any other.
  await reading(ada).press('Control+z');
  await until(() => mina.noteText(), text.replace('[x] iron', '[ ] iron'));
});

it('who may only read cannot tick, and finds words without replacing them', async () => {
  const host = await meeting.open('--admit', 'ask');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.insertText('- [ ] wash');
  await ada.knock(host.url);
  await mina.page.getByRole('button', { name: 'Let in to read' }).click();
  await ada.link('live').waitFor();
  await ada.goTo('Plan');
  await ada.saved('read_only').waitFor();
  await show(ada, 'Markdown');
  await ada.editor.click();
  await ada.page.keyboard.press('Control+f');
  await ada.page.keyboard.type('WASH');
  await ada.page.getByText('1 of 1').waitFor();
  expect(await ada.page.getByRole('button', { name: 'Replace too' }).count()).toBe(0);
  await show(ada, 'Read');
  await reading(ada).getByRole('checkbox').waitFor();
  expect(await reading(ada).getByRole('checkbox').isDisabled()).toBe(true);
});

it('replacing all is one step to undo, and undoes nothing that others wrote', async () => {
  const [mina, ada] = await together(meeting, 'tea, Tea and teapots');
  await caretAt(mina, 'End');
  await mina.page.keyboard.type('!');
  await mina.page.keyboard.press('Control+f');
  await mina.page.keyboard.type('tea');
  await mina.page.getByText('1 of 3').waitFor();
  await mina.page.getByRole('button', { name: 'Whole words' }).click();
  await mina.page.getByText('1 of 2').waitFor();
  await mina.page.getByRole('button', { name: 'Replace too' }).click();
  await mina.page.getByRole('textbox', { name: 'Replace by' }).fill('soup');
  await mina.page.getByRole('button', { name: 'Replace all' }).click();
  await until(() => ada.noteText(), 'soup, soup and teapots!');
  await caretAt(ada, 'End');
  await ada.page.keyboard.type(' Yes');
  await until(() => mina.noteText(), 'soup, soup and teapots! Yes');
  await mina.page.keyboard.press('Escape');
  await mina.page.keyboard.press('Control+z');
  await until(() => ada.noteText(), 'tea, Tea and teapots! Yes');
  await mina.page.keyboard.press('Control+z');
  await until(() => ada.noteText(), 'tea, Tea and teapots Yes');
});

it('both sides stay in step, and a narrow page shows one of them', async () => {
  const parts = Array.from({ length: 60 }, (_, at) => `## Part ${at}\n\nSome words.\n`);
  const [mina] = await together(meeting, 'Top');
  await mina.page.setViewportSize({ width: 1500, height: 800 });
  await caretAt(mina, 'End');
  await mina.page.keyboard.insertText(`\n\n${parts.join('\n')}[^end]\n\n[^end]: The end.`);
  await show(mina, 'Both');
  const heading = reading(mina).getByRole('heading', { name: 'Part 30', exact: true });
  await heading.waitFor();
  const scroller = mina.page.locator('.cm-scroller');
  await scroller.hover();
  await scroller.evaluate((element) => (element.scrollTop = element.scrollHeight * 0.45));
  await until(async () => {
    const top = await reading(mina).evaluate((element) => element.scrollTop);
    return top > 500;
  }, true);
  await reading(mina).hover();
  await reading(mina).evaluate((element) => (element.scrollTop = 0));
  await until(() => scroller.evaluate((element) => element.scrollTop < 50), true);
  await reading(mina).getByRole('button', { name: 'Footnote 1' }).click();
  await reading(mina).getByText('The end.').waitFor();
  await mina.page.setViewportSize({ width: 360, height: 740 });
  await reading(mina).waitFor({ state: 'detached' });
  expect(await mina.page.getByText('Both', { exact: true }).count()).toBe(0);
  expect(await mina.isTooWide()).toBe(false);
});
