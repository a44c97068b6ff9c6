// What one looks at stays in its place: the page does not scroll, its parts do.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { caretAt, together } from './support/together';

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
