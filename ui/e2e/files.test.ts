// Pictures and files in notes: pasted by one, seen by the others, kept for a host that is away.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import type { Person } from './support/person';
import { caretAt, together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

/** Pastes a picture, as a screenshot comes from the clipboard. */
function pastePicture(person: Person, name: string) {
  return person.editor.evaluate(async (editor, file) => {
    const canvas = new OffscreenCanvas(40, 30);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#c8553d';
    context.fillRect(5, 5, 30, 20);
    const bytes = await canvas.convertToBlob();
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], file, { type: 'image/png' }));
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    editor.dispatchEvent(paste);
  }, name);
}

/** The smallest picture there is. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
  'base64',
);

/** How wide the picture in the rendered note is by itself; 0 until it is there. */
async function widthOfPicture(person: Person): Promise<number> {
  const picture = person.page.getByLabel('The note as it reads').getByRole('img', { name: 'shot' });
  if ((await picture.count()) === 0) return 0;
  return picture.evaluate((element) => (element as HTMLImageElement).naturalWidth);
}

/** The picture as it stands in the editor. */
const pill = (person: Person) => person.editor.locator('.cm-pill-picture', { hasText: 'shot.png' });
const hasPicture = async (person: Person) => (await pill(person).count()) === 1;

it('a pasted picture is seen by the others, at its place in the text', async () => {
  const [mina, ada] = await together(meeting, 'before after');
  await caretAt(mina, 'Home');
  for (let times = 0; times < 7; times += 1) await mina.page.keyboard.press('ArrowRight');
  await pastePicture(mina, 'shot.png');
  await until(() => hasPicture(ada), true);
  expect(await ada.noteText()).toBe('before shot.pngafter');
  await mina.page.keyboard.type('!');
  await until(() => ada.noteText(), 'before shot.png!after');
  await ada.page.getByText('Read', { exact: true }).click();
  await until(() => widthOfPicture(ada), 40);
});

it('a picture that is pasted offline waits at its place and comes when the host is back', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await caretAt(ada, 'End');
  await ada.context.setOffline(true);
  await ada.link('away').waitFor();
  await pastePicture(ada, 'shot.png');
  await ada.page.getByText('shot.png: waits for the host').waitFor();
  await ada.page.keyboard.type(' and typed');
  await caretAt(mina, 'Home');
  await mina.page.keyboard.type('more ');
  await ada.context.setOffline(false);
  await until(() => hasPicture(mina), true);
  await until(() => mina.noteText(), 'more sharedshot.png and typed');
  await ada.page.getByText('waits for the host').waitFor({ state: 'detached' });
});

it('a file that is too large says so at its place, and nothing is sent', async () => {
  const [mina] = await together(meeting, 'text');
  const large = { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(11 * 1_048_576) };
  await mina.page.locator('input[type=file]').setInputFiles(large);
  await mina.page.getByText('“film.mp4” is too large. Files can be up to 10 MiB.').waitFor();
  await mina.page.getByRole('button', { name: 'Remove film.mp4' }).click();
  await mina.page.getByText('is too large').waitFor({ state: 'detached' });
  expect(await mina.noteText()).toBe('text');
});

it('a picture of a room one cannot see says so calmly', async () => {
  const [mina, ada] = await together(meeting, 'shared');
  await mina.page.getByRole('button', { name: 'New room' }).click();
  await mina.page.getByLabel('Name of the room').fill('Secret');
  await mina.page.getByText('Only who is invited').click();
  await mina.page.getByRole('button', { name: 'Create' }).click();
  await mina.page.getByRole('button', { name: 'New note in Secret' }).click();
  await mina.page.getByLabel('Title of the note').fill('Hidden');
  await mina.page.keyboard.press('Enter');
  const [stored] = await Promise.all([
    mina.page.waitForResponse(/\/files\?/),
    pastePicture(mina, 'shot.png'),
  ]);
  const address = stored.headers().location;
  await until(() => hasPicture(mina), true);
  await mina.goTo('Plan');
  await caretAt(mina, 'End');
  await mina.page.keyboard.insertText(`\n\n![shot.png](${address})`);
  await until(() => hasPicture(ada), true);
  for (const person of [mina, ada]) await person.page.getByText('Read', { exact: true }).click();
  await until(() => widthOfPicture(mina), 40);
  await ada.page.getByText('This picture or file is in a room that you cannot see.').waitFor();
});

it('a picture that is chosen comes to the end, or below the line where one was last', async () => {
  const [mina, ada] = await together(meeting, 'first\nlast');
  // The same bytes would be the same file, by the name it had first.
  const choose = (person: Person, name: string) =>
    person.page.locator('input[type="file"]').setInputFiles({
      name,
      mimeType: 'image/png',
      buffer: Buffer.concat([PIXEL, Buffer.from(name)]),
    });
  // Ada has only read so far.
  await choose(ada, 'end.png');
  await until(() => mina.noteText(), 'first\nlast\nend.png');
  await caretAt(mina, 'Home');
  await choose(mina, 'top.png');
  await until(() => ada.noteText(), 'first\ntop.png\nlast\nend.png');
});
