import { networkInterfaces } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';
import { Host } from './host';
import { Installation } from './installation';
import { launchBrowser, Person } from './person';

/** This machine's address on its network. */
function networkAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  const found = all.find((one) => one && one.family === 'IPv4' && !one.internal);
  if (!found) throw new Error('this machine is in no network: give it an address to run this test');
  return found.address;
}

/** A host and people for one test file; everything is gone after each test. */
export class Meeting {
  host!: Host;
  readonly #installation = new Installation();
  #browser: Browser | null = null;
  #people: Person[] = [];

  /** Clears up after each test, and after the file. */
  constructor() {
    afterEach(async () => {
      const people = this.#people;
      this.#people = [];
      const complaints = people.flatMap((person) => person.complaints);
      try {
        await Promise.all(people.map((person) => person.leave()));
      } finally {
        // Whatever became of the browsers, the next test has a host of its own.
        await this.host?.remove();
      }
      expect(complaints).toEqual([]);
    });
    afterAll(async () => {
      await this.#browser?.close();
      await this.#installation.remove();
    });
  }

  async open(...options: string[]): Promise<Host> {
    this.host = await Host.start(this.#installation, ['--name', 'Design week', ...options]);
    return this.host;
  }

  /** The same on an address that others on the network reach, as a phone would use it. */
  async openOnNetwork(...options: string[]): Promise<Host> {
    const listen = `${networkAddress()}:0`;
    const named = ['--name', 'Design week', ...options];
    this.host = await Host.start(this.#installation, named, listen);
    return this.host;
  }

  /** Somebody with a browser that takes the host's key. A host is there already. */
  async person(name: string, options = {}): Promise<Person> {
    this.#browser ??= await launchBrowser(this.#installation.fingerprint);
    const person = await Person.arrive(this.#browser, name, options);
    this.#people.push(person);
    return person;
  }
}
