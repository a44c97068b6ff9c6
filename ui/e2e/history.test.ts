// A note's history: who wrote what when, any version, what changed, and the way back.
import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { type Person, PHONE } from './support/person';
import { Script } from './support/script';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

async function openHistory(person: Person) {
  await person.page.getByRole('button', { name: 'Menu of the note' }).click();
  await person.page.getByRole('menuitem', { name: 'History' }).click();
  await slider(person).waitFor();
}

const slider = (person: Person) => person.page.getByRole('slider', { name: 'Version shown' });
const bursts = (person: Person) =>
  person.page.getByRole('navigation', { name: 'Who wrote when' }).getByRole('button');
const past = (person: Person) => person.page.getByRole('region', { name: 'Text at this version' });
const texts = (where: Locator, what: 'ins' | 'del') =>
  where
    .locator(what)
    .allTextContents()
    .then((all) => all.join('|'));
const version = (person: Person) => slider(person).inputValue().then(Number);

it('two people write, and history tells who wrote how much, and what', async () => {
  const [mina, ada] = await together(meeting, 'We meet at the lake.');
  await caretAt(ada, 'End');
  await ada.page.keyboard.type(' Bring shoes.');
  await ada.saved('saved').waitFor();
  await openHistory(mina);
  await until(() => bursts(mina).count(), 2);
  expect(await bursts(mina).nth(0).innerText()).toContain('Ada');
  expect(await bursts(mina).nth(0).innerText()).toContain('13 characters added, 0 removed');
  expect(await bursts(mina).nth(1).innerText()).toContain('Mina');
  expect(await bursts(mina).nth(1).innerText()).toContain('20 characters added');
  // What Ada changed stands in the text as hers.
  await until(() => texts(past(mina), 'ins'), ' Bring shoes.');
  expect(await slider(mina).getAttribute('aria-valuetext')).toMatch(/^Version \d+ of \d+, Ada, /);

  // One arrow is one version, one page key is one burst.
  const newest = await version(mina);
  await slider(mina).focus();
  await mina.page.keyboard.press('ArrowLeft');
  expect(await version(mina)).toBe(newest - 1);
  await mina.page.keyboard.press('PageDown');
  await until(() => texts(past(mina), 'ins'), 'We meet at the lake.');
  expect(await slider(mina).getAttribute('aria-valuetext')).toContain('Mina');
  await mina.page.keyboard.press('Home');
  expect(await slider(mina).getAttribute('aria-valuetext')).toContain('before anybody wrote');
  await mina.page.keyboard.press('PageUp');
  await mina.page.getByText('As it was').click();
  await until(() => past(mina).innerText(), 'We meet at the lake.');
});

it('any two versions are compared', async () => {
  const [mina, ada] = await together(meeting, 'red apples and plums');
  const { key, script } = await scriptIn(ada);
  for (const body of ['green apples and plums', 'green apples and pears'])
    await write(script, key, body);
  script.leave();
  await until(() => mina.noteText(), 'green apples and pears');
  await openHistory(mina);
  await until(() => version(mina), 3);
  await mina.page.getByText('Another', { exact: true }).click();
  const other = mina.page.getByRole('slider', { name: 'Version it is compared with' });
  await other.focus();
  await mina.page.keyboard.press('Home');
  await mina.page.keyboard.press('ArrowRight');
  expect(await other.inputValue()).toBe('1');
  await until(() => texts(past(mina), 'del'), 'red|plums');
  expect(await texts(past(mina), 'ins')).toBe('green|pears');
  // The handle is pulled with the mouse, too.
  const { x, y, width, height } = (await other.boundingBox())!;
  await mina.page.mouse.click(x + (width * 2) / 3, y + height / 2);
  expect(await other.inputValue()).toBe('2');
  await until(() => texts(past(mina), 'del'), 'plums');
  await until(() => texts(past(mina), 'ins'), 'pears');
});

it('an older version comes back for everybody, while the other one types', async () => {
  const [mina, ada] = await together(meeting, 'first\nsecond\nthird\nlast: ');
  await caretAt(mina, 'Home');
  await mina.page.keyboard.press('Shift+ArrowDown');
  await mina.page.keyboard.press('Shift+ArrowDown');
  await mina.page.keyboard.press('Delete');
  await mina.saved('saved').waitFor();
  await openHistory(mina);
  await slider(mina).focus();
  await mina.page.keyboard.press('Home');
  await mina.page.keyboard.press('ArrowRight');
  await until(() => texts(past(mina), 'ins'), 'first|second|third|last: ');
  await caretAt(ada, 'End');
  await Promise.all([
    ada.page.keyboard.type('words of Ada', { delay: 40 }),
    mina.page.getByRole('button', { name: 'Bring this back' }).click(),
  ]);
  // Pointed at, it stays there to be taken back.
  await mina.page.getByText('Nothing is lost').hover();
  // What Ada typed before the click was not in that version; what came after it stays.
  const lines = /^first\nsecond\nthird\nlast: .*of Ada$/;
  for (const person of [mina, ada]) {
    await until(async () => lines.test(await person.noteText()), true);
  }
  await until(async () => (await mina.noteText()) === (await ada.noteText()), true);
  // Taken back, only the return is gone.
  await mina.page.getByRole('button', { name: 'Undo' }).click();
  for (const person of [mina, ada])
    await until(() => person.noteText(), 'third\nlast: words of Ada');
});

it('who may only read looks at every version, and brings none back', async () => {
  const host = await meeting.open('--admit', 'ask');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada', PHONE)];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.insertText('one');
  await mina.saved('saved').waitFor();
  await ada.knock(host.url);
  await mina.page.getByRole('button', { name: 'Let in to read' }).click();
  await ada.link('live').waitFor();
  await ada.page.goto(`${host.url}${new URL(mina.page.url()).hash}/history`);
  await ada.page.reload();
  await slider(ada).waitFor();
  await ada.page.getByText('Who may write can bring a version back').waitFor();
  expect(await ada.page.getByRole('button', { name: 'Bring this back' }).count()).toBe(0);
  await until(() => texts(past(ada), 'ins'), 'one');
  expect(await ada.isTooWide()).toBe(false);
});

it('a host that goes away leaves what was looked at, and the rest comes when it is back', async () => {
  const [mina, ada] = await together(meeting, 'one');
  const { key, script } = await scriptIn(ada);
  for (const body of ['one two', 'one two three']) await write(script, key, body);
  script.leave();
  await until(() => mina.noteText(), 'one two three');
  await openHistory(mina);
  await until(() => texts(past(mina), 'ins'), ' two three');
  await mina.context.setOffline(true);
  await mina.link('away').waitFor();
  await slider(mina).focus();
  await mina.page.keyboard.press('ArrowLeft');
  await mina.page.getByText('This version is not on this device').waitFor();
  await mina.page.keyboard.press('ArrowRight');
  await until(() => texts(past(mina), 'ins'), ' two three');
  await mina.page.keyboard.press('ArrowLeft');
  await mina.context.setOffline(false);
  await mina.link('live').waitFor();
  await until(() => texts(past(mina), 'ins'), ' two');
});

async function scriptIn(person: Person) {
  const key = new URL(person.page.url()).hash.split('/').at(-1)!;
  return { key, script: await Script.enter(meeting.host, 'Script') };
}

async function write(script: Script, key: string, body: string) {
  const { version } = (await script.call('note:read', { key })).note as { version: number };
  await script.call('note:update', { key, version, body });
}
