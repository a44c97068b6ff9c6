import type { Person } from './person';
import { until } from './until';

/** What a copying button puts on the clipboard; whoever presses it needs leave to read that. */
export async function copied(person: Person, button: string): Promise<string> {
  const read = () => person.page.evaluate(() => navigator.clipboard.readText());
  // "Copied" may still be there from another time, and what was copied then too.
  await person.page.evaluate(() => navigator.clipboard.writeText('nothing yet'));
  await person.page.getByRole('button', { name: button }).first().click();
  await until(async () => (await read()) !== 'nothing yet', true);
  return read();
}
