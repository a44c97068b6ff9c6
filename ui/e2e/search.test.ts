// Words are found wherever they were written, and lead there.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';
import { type Person, PHONE } from './support/person';
import { Script } from './support/script';
import { together } from './support/together';
import { until } from './support/until';

const meeting = new Meeting();

const option = (person: Person, text: string | RegExp) =>
  person.page.getByRole('option').filter({ hasText: text });

async function look(person: Person, words: string) {
  await person.page.getByRole('button', { name: 'Search or go to' }).click();
  await person.page.getByPlaceholder('Search notes').fill(words);
}

it('a word in a note is found as it is written, marked, and leads to the note', async () => {
  const [mina, ada] = await together(meeting, 'We meet at the lake. Bring rubber boots.');
  await ada.goTo('General');
  await look(ada, 'rubb');
  await option(ada, 'Bring rubber boots').waitFor();
  await until(() => ada.page.locator('mark').allTextContents().then(String), 'rubber');
  await ada.page.keyboard.press('Enter');
  await ada.editor.waitFor();
  expect(new URL(ada.page.url()).hash).toBe(new URL(mina.page.url()).hash);
});

it('a message from long ago is gone to in its conversation', async () => {
  const [mina] = await together(meeting, 'nothing here', '--limits', 'off');
  const script = await Script.enter(meeting.host, 'Script');
  const { rooms } = (await script.call('room:list', {})) as { rooms: { id: string }[] };
  const room = rooms[0]!.id;
  await script.call('message:send', { room, body: 'The key lies under the geranium.' });
  for (let count = 0; count < 130; count += 1) {
    await script.call('message:send', { room, body: `Chatter ${count}\n\nmore of it` });
  }
  script.leave();
  await look(mina, 'geranium');
  await option(mina, 'under the geranium').click();
  const message = mina.message('under the geranium');
  await message.waitFor();
  await until(
    () =>
      message.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      }),
    true,
  );
  expect(await mina.message('Chatter').count()).toBe(130);
});

it('a private room is not searched for who is not in it', async () => {
  const [mina, ada] = await together(meeting, 'public words');
  await mina.page.getByRole('button', { name: 'New room' }).click();
  await mina.page.getByLabel('Name of the room').fill('Two of us');
  await mina.page.getByRole('radio', { name: /^Only who is invited/ }).check();
  await mina.page.getByRole('button', { name: 'Create' }).click();
  await mina.say('secret words');
  await look(mina, 'words');
  await option(mina, 'secret words').waitFor();
  await look(ada, 'words');
  await option(ada, 'public words').waitFor();
  expect(await option(ada, 'secret').count()).toBe(0);
});

it('nothing found, and a host that is away, are said', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const ada = await meeting.person('Ada', PHONE);
  await ada.comeIn(host.url);
  await ada.page.getByRole('button', { name: 'Rooms' }).click();
  await look(ada, 'zebra');
  await ada.page.getByText('Nothing found.').waitFor();
  expect(await ada.isTooWide()).toBe(false);
  await ada.context.setOffline(true);
  await ada.page.getByText('only names are searched').waitFor();
});
