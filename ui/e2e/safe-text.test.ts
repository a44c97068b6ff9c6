// What others write is shown, and does nothing.
import { expect, it } from 'vitest';
import { Meeting } from './support/meeting';

const meeting = new Meeting();

const HOSTILE = [
  '<img src=x onerror="window.hurt = 1"><script>window.hurt = 1</script>',
  '[a link](javascript:window.hurt=1) [another](data:text/html,x)',
  '![a picture](http://example.org/track.png)',
  '<svg onload="window.hurt=1"><style>body{display:none}</style></svg>',
  '[a note](note:"onclick="window.hurt=1)',
];

it('hostile text runs nothing, loads nothing and leads nowhere', async () => {
  const host = await meeting.open('--admit', 'anyone');
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await ada.comeIn(host.url);
  const asked: string[] = [];
  mina.page.on('request', (request) => asked.push(request.url()));
  for (const text of HOSTILE) await ada.say(text);
  await mina.message('a picture').waitFor();
  await mina.message('a note').waitFor();
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Hostile');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.insertText(HOSTILE.join('\n\n'));
  await mina.page.getByText('Read', { exact: true }).click();
  await mina.page.getByText('a picture').waitFor();
  const found = await mina.page.evaluate(() => ({
    hurt: 'hurt' in window,
    drawn: document.querySelectorAll('.markdown :is(img, script, style, svg, iframe)').length,
    links: [...document.querySelectorAll('.markdown a')].map((link) => link.getAttribute('href')),
  }));
  expect(found).toEqual({ hurt: false, drawn: 0, links: expect.any(Array) });
  for (const link of found.links) expect(link).toMatch(/^(https?:|#\/note\/)/);
  expect(asked.filter((url) => !url.startsWith(host.url))).toEqual([]);
});
