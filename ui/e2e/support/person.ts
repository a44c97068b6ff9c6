import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser that was told to take this key, and warns of any other that no authority vouches for. */
export function launchBrowser(fingerprint: string | null): Promise<Browser> {
  const key = Buffer.from(fingerprint ?? '', 'hex').toString('base64');
  const args = [...FLAGS, `--ignore-certificate-errors-spki-list=${key}`];
  return chromium.launch({ executablePath: CHROMIUM, args });
}

/** A phone, as far as a page can tell. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
};

/** Somebody with a browser of their own. */
export class Person {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong in the page without anybody asking. */
  readonly complaints: string[] = [];
  #left = false;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
    page.on('console', (message) => {
      const aboutNetwork = /ERR_|WebSocket|Failed to load resource/.test(message.text());
      if (message.type() === 'error' && !aboutNetwork) this.complaints.push(message.text());
    });
  }

  static async arrive(
    browser: Browser,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(30_000);
    return new Person(name, context, await context.newPage());
  }

  /** Opens the address and says who one is; what happens then is up to the host. */
  async knock(url: string) {
    await this.page.goto(url);
    await this.page.getByLabel('Your name').fill(this.name);
    await this.page.getByRole('button', { name: 'Come in' }).click();
  }

  /** Opens the address of a session and comes in. */
  async comeIn(url: string) {
    await this.knock(url);
    await this.link('live').waitFor();
  }

  /** Opens an address that knows who comes, such as the page of one's own copy. */
  async open(url: string) {
    await this.page.goto(url);
    await this.link('live').waitFor();
  }

  /** The mark that says how it stands with the connection. */
  link(state: 'live' | 'away' | 'catching_up'): Locator {
    return this.page.locator(`[data-link="${state}"]`);
  }

  /** The mark that says whether everything is with the host. */
  saved(state: 'saved' | 'saving' | 'waiting' | 'offline' | 'read_only'): Locator {
    return this.page.locator(`[data-save="${state}"]`);
  }

  async goTo(name: string) {
    await this.page
      .getByRole('link', { name: new RegExp(`^${name}`) })
      .first()
      .click();
  }

  async say(text: string) {
    await this.page.getByRole('textbox', { name: /^Write to/ }).click();
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  message(text: string): Locator {
    return this.page.getByRole('article').filter({ hasText: text });
  }

  get editor(): Locator {
    return this.page.getByRole('textbox', { name: 'Text of the note' });
  }

  /** The text of the open note, as it stands in the editor. */
  async noteText(): Promise<string> {
    return (await this.editor.locator('.cm-line').allTextContents()).join('\n');
  }

  /** Of how many notes this browser keeps edits that the host lacks. */
  keptNotes(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('hearth');
          opening.onerror = reject;
          opening.onsuccess = () => {
            const edits = opening.result.transaction('note-edits').objectStore('note-edits');
            edits.count().onsuccess = ({ target }) => {
              resolve((target as IDBRequest<number>).result);
              opening.result.close();
            };
          };
        }),
    );
  }

  /** Puts other words into one's own last message, by the keys for it. */
  async rewriteLastMessage(words: string) {
    await this.page.getByRole('textbox', { name: /^Write to/ }).click();
    await this.page.keyboard.press('ArrowUp');
    await this.page.getByRole('textbox', { name: 'Editing your message' }).waitFor();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(words);
    await this.page.keyboard.press('Enter');
  }

  /** By how much the page itself can be scrolled down: its parts scroll, it does not. */
  emptyBelow(): Promise<number> {
    return this.page.evaluate(() => {
      const { scrollHeight, clientHeight } = document.documentElement;
      return scrollHeight - clientHeight;
    });
  }

  /** Whether the page can be scrolled sideways. */
  isTooWide(): Promise<boolean> {
    return this.page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
  }

  async leave() {
    if (this.#left) return;
    this.#left = true;
    // A request that is being routed when the page goes would be an error of no test.
    await this.context.unrouteAll({ behavior: 'ignoreErrors' });
    const open = this.context.pages().filter((page) => !page.isClosed());
    await Promise.all(open.map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
    await this.context.close();
  }
}
