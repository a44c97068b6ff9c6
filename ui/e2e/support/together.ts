import type { Meeting } from './meeting';
import type { Person } from './person';
import { until } from './until';

/** Mina, who hosts, and Ada in one note "Plan" in General that begins with `text`. */
export async function together(
  meeting: Meeting,
  text: string,
  ...options: string[]
): Promise<[Person, Person]> {
  const host = await meeting.open('--admit', 'anyone', ...options);
  const [mina, ada] = [await meeting.person('Mina'), await meeting.person('Ada')];
  await mina.comeIn(host.signInUrl);
  await mina.goTo('General');
  await mina.page.getByRole('button', { name: 'New note in General' }).click();
  await mina.editor.waitFor();
  await mina.page.getByLabel('Title of the note').fill('Plan');
  await mina.page.keyboard.press('Enter');
  await mina.page.keyboard.insertText(text);
  await mina.saved('saved').waitFor();
  await ada.comeIn(host.url);
  await ada.goTo('Plan');
  await until(() => ada.noteText(), text);
  return [mina, ada];
}

export async function caretAt(person: Person, key: 'Home' | 'End') {
  await person.editor.click();
  await person.page.keyboard.press(`Control+${key}`);
}
