import { newId } from '../shared/new-id';
import { Refusal } from '../shared/refusal';
import type { EarlierAnswer, EarlierCall, EarlierItem, EarlierWhole, RoomId } from '../protocol';
import type { CallName, Payload } from './calls';
import type { Connection } from './connection.svelte';

/** Two whole copies are compared; of large ones that takes a while. */
const COMPARED_WITHIN_MS = 120_000;

const BRING_FILE = 'earlier:file';

const SLOW = { answer_within_ms: COMPARED_WITHIN_MS };

/**
 * What the copy from before has and this one lacks, after the host's history became another one.
 * It comes back by calls like any others; the app keeps what was set aside whatever becomes of them.
 */
export class Earlier {
  items = $state.raw<readonly EarlierItem[]>([]);
  /** There is more than is listed. */
  more = $state(false);
  /** How far bringing everything back has come. */
  progress = $state.raw<{ done: number; of: number } | null>(null);
  readonly #call: Connection['call'];

  constructor(call: Connection['call']) {
    this.#call = call;
  }

  /** What comes back without touching what anybody has written since. */
  get sure(): EarlierItem[] {
    return this.items.filter(({ best }) => best !== 'ask');
  }

  async list(): Promise<void> {
    try {
      this.#learn(await this.#call('earlier:list', {}, SLOW));
    } catch {
      // It is asked again with the next connection.
    }
  }

  #learn({ items, more }: EarlierAnswer) {
    this.items = items;
    this.more = more;
  }

  /** All of its text. */
  async textOf(item: EarlierItem): Promise<string> {
    return item.cut ? (await this.#read(item)).text : item.text;
  }

  /** Brings it back to where it was. */
  async bring(item: EarlierItem): Promise<void> {
    let lost: Refusal | null;
    try {
      lost = await this.#make(await this.#read(item));
    } catch (thrown) {
      if (Refusal.from(thrown).code !== 'conflict') throw thrown;
      // Somebody else has brought it back meanwhile, or the id is taken where nobody here can look.
      await this.list();
      const still = this.items.find((other) => other.item === item.item);
      if (!still) return;
      lost = await this.#make(await this.#read(still, true));
    }
    await this.discard(item);
    if (lost) throw lost;
  }

  /** Makes a note of it beside what is there now. */
  async setBeside(item: EarlierItem, room: RoomId, title: string): Promise<string> {
    const { text, beside, files } = await this.#read(item);
    let key = beside ?? newId();
    const lost = await this.#bringFiles(files);
    try {
      await this.#call('note:create', { id: key, room, title, body: text });
    } catch (thrown) {
      if (!beside || Refusal.from(thrown).code !== 'conflict') throw thrown;
      // Somebody else has made it meanwhile, or has where nobody here can look.
      await this.list();
      const still = this.items.find((other) => other.item === item.item);
      if (!still) return key;
      key = (await this.#read(still, true)).beside ?? newId();
      await this.#call('note:create', { id: key, room, title, body: text });
    }
    await this.discard(item);
    if (lost) throw lost;
    return key;
  }

  /** Offers it no more. It stays in the copy from before. */
  async discard(item: EarlierItem): Promise<void> {
    await this.#call('earlier:discard', { item: item.item });
    this.items = this.items.filter((other) => other.item !== item.item);
  }

  /** Offers nothing of it any more. */
  async discardAll(): Promise<void> {
    while (this.items.length > 0) {
      for (const item of this.items) await this.discard(item);
      if (this.more) await this.list();
    }
  }

  /** Brings back all that is sure, and answers how much was refused. */
  async bringAll(titleOf: (item: EarlierItem) => string): Promise<number> {
    // What is refused stays in the list, and would come again with each page.
    const tried = new Set<string>();
    let refused = 0;
    try {
      for (;;) {
        let left = this.#sureBut(tried);
        if (left.length === 0) {
          await this.list();
          left = this.#sureBut(tried);
        }
        const [item] = left;
        if (!item) return refused;
        this.progress = { done: tried.size, of: tried.size + left.length };
        tried.add(item.item);
        if (!(await this.#bringSurely(item, titleOf(item)))) refused += 1;
      }
    } finally {
      this.progress = null;
    }
  }

  #sureBut(tried: ReadonlySet<string>): EarlierItem[] {
    return this.sure.filter(({ item }) => !tried.has(item));
  }

  async #bringSurely(item: EarlierItem, title: string): Promise<boolean> {
    try {
      if (item.best === 'again') await this.bring(item);
      else await this.setBeside(item, item.room!, title);
      return true;
    } catch (thrown) {
      // A page that is closed brings nothing back; anything else is said of the one thing.
      if (Refusal.from(thrown).code === 'offline') throw thrown;
      return false;
    }
  }

  #read(item: EarlierItem, anew?: true): Promise<EarlierWhole> {
    return this.#call('earlier:read', { item: item.item, anew }, SLOW);
  }

  /** Makes the calls, and answers why a file was not taken: words come back without their picture. */
  async #make({ again }: EarlierWhole): Promise<Refusal | null> {
    let lost: Refusal | null = null;
    for (const call of again) {
      if (call.name === BRING_FILE) lost = (await this.#bringFiles([call])) ?? lost;
      else await this.#call(call.name as CallName, call.payload as Payload<CallName>);
    }
    return lost;
  }

  /** The same for files alone. */
  async #bringFiles(files: readonly EarlierCall[]): Promise<Refusal | null> {
    let lost: Refusal | null = null;
    for (const { payload } of files) {
      try {
        await this.#call(BRING_FILE, payload as Payload<typeof BRING_FILE>, SLOW);
      } catch (thrown) {
        lost = Refusal.from(thrown);
        if (lost.code === 'offline') throw thrown;
      }
    }
    return lost;
  }
}
