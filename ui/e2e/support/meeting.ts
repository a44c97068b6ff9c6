import { networkInterfaces } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Host } from './host';
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
  #browser!: Browser;
  #people: Person[] = [];

  /** Brings a browser for the file, and clears up after each test. */
  constructor() {
    beforeAll(async () => {
      this.#browser = await launchBrowser();
    });
    afterEach(async () => {
      const complaints = this.#people.flatMap((person) => person.complaints);
      await Promise.all(this.#people.map((person) => person.leave()));
      this.#people = [];
      await this.host?.remove();
      expect(complaints).toEqual([]);
    });
    afterAll(() => this.#browser.close());
  }

  async open(...options: string[]): Promise<Host> {
    this.host = await Host.start(['--name', 'Design week', ...options]);
    return this.host;
  }

  /** The same on an address that others on the network reach, as a phone would use it. */
  async openOnNetwork(...options: string[]): Promise<Host> {
    const listen = `${networkAddress()}:0`;
    this.host = await Host.start(['--name', 'Design week', ...options], listen);
    return this.host;
  }

  async person(name: string, options = {}): Promise<Person> {
    const person = await Person.arrive(this.#browser, name, options);
    this.#people.push(person);
    return person;
  }
}
