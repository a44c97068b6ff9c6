import type { Env } from 'markdown-it';
import { type Block, blocksOf, htmlOf, type Page } from './blocks';
import { numberFootnotes } from './footnotes';
import { draw, type References } from './render';

/** Drawing stops this often to let keys and scrolling through. */
const SLICE_MS = 8;
/** So many blocks are made at once: one by one, each would cost more than its share. */
const BATCH = 16;
/** A page of more blocks is laid out only where it is looked at. */
const MANY = 200;

export interface Drawn {
  block: Block;
  element: HTMLElement;
  html: string;
  /** Names in it, of people and notes: they change without the text. */
  names: string;
}

const NAMED = /href="(member|note):([^"]+)"/g;

/**
 * A page as it is drawn: block by block, in slices, so that a long one never stops who types beside
 * it; what has not changed stays as it is, so that nothing jumps and no focus is lost.
 */
export class PageView {
  /** Whether boxes of tasks can be ticked. */
  #ticks = false;
  /** What is looked for from outside, such as its place while scrolling. */
  drawn: readonly Drawn[] = [];
  readonly #main: HTMLElement;
  readonly #notes: HTMLElement;
  readonly #references: () => References;
  /** The part that begins with a block. */
  readonly #partOf = new WeakMap<Element, HTMLElement>();
  #round = 0;

  constructor(host: HTMLElement, references: () => References) {
    this.#references = references;
    this.#main = document.createElement('div');
    this.#main.className = 'parts';
    this.#notes = document.createElement('section');
    this.#notes.className = 'footnotes';
    host.replaceChildren(this.#main, this.#notes);
  }

  /** Boxes are for those who may write. */
  set ticks(may: boolean) {
    if (may === this.#ticks) return;
    this.#ticks = may;
    for (const { element } of this.drawn) this.#allow(element);
  }

  /** Draws `source`; false if something newer was begun meanwhile. `onshown`: it is there now. */
  async show(source: string, onshown: () => void): Promise<boolean> {
    const round = ++this.#round;
    const page = blocksOf(source);
    const kept = this.#keptByKey();
    const ticks = this.#ticks;
    const drawn: Drawn[] = [];
    let pauseAt = performance.now() + SLICE_MS;
    for (let at = 0; at < page.blocks.length; at += BATCH) {
      drawn.push(...this.#take(page, page.blocks.slice(at, at + BATCH), kept));
      if (performance.now() < pauseAt) continue;
      // A page that is drawn for the first time appears from its beginning.
      if (this.drawn.length === 0) this.#place(drawn);
      await new Promise((done) => setTimeout(done));
      if (round !== this.#round) return false;
      pauseAt = performance.now() + SLICE_MS;
    }
    const focused = this.#focusedBox();
    this.#place(drawn);
    this.drawn = drawn;
    // It may have changed while some were made already.
    if (ticks !== this.#ticks) for (const { element } of drawn) this.#allow(element);
    if ('footnotes' in page.env || this.#notes.firstChild) numberFootnotes(this.#main, this.#notes);
    focused?.();
    onshown();
    return true;
  }

  /** Draws anew what names somebody or something that is called otherwise now. */
  refer() {
    for (const one of this.drawn) {
      if (!one.names) continue;
      const names = this.#namesIn(one.html);
      if (names === one.names) continue;
      const [element] = this.#draw([one.html]);
      one.element.replaceWith(element!);
      [one.element, one.names] = [element!, names];
    }
  }

  /** The block that an element is in, and its place among all. */
  blockAround(element: Element): Drawn | undefined {
    return this.drawn.find((one) => one.element.contains(element));
  }

  /** Ticking a box draws its block anew; gives back what puts the focus on the new box. */
  #focusedBox(): (() => void) | null {
    const box = document.activeElement;
    const one = box instanceof HTMLInputElement ? this.blockAround(box) : undefined;
    if (!one) return null;
    const [place, at] = [this.drawn.indexOf(one), boxesOf(one.element).indexOf(box as Element)];
    return () => {
      const now = this.drawn[place]?.element;
      if (!box!.isConnected && now) (boxesOf(now)[at] as HTMLElement | undefined)?.focus();
    };
  }

  #keptByKey(): Map<string, Drawn[]> {
    const kept = new Map<string, Drawn[]>();
    for (const one of this.drawn) {
      const same = kept.get(one.block.key);
      if (same) same.push(one);
      else kept.set(one.block.key, [one]);
    }
    return kept;
  }

  /** Some blocks, from what is there already or made now. */
  #take(page: Page, blocks: readonly Block[], kept: Map<string, Drawn[]>): Drawn[] {
    const found = blocks.map((block) => kept.get(block.key)?.shift());
    const missing = blocks.filter((_, at) => !found[at]);
    const made = this.#make(missing, page.env);
    return blocks.map((block, at) => {
      const same = found[at];
      return same ? { ...same, block } : made.shift()!;
    });
  }

  #make(blocks: readonly Block[], env: Env): Drawn[] {
    const html = blocks.map((block) => htmlOf(block, env));
    const elements = this.#draw(html);
    return blocks.map((block, at) => {
      const names = this.#namesIn(html[at]!);
      return { block, element: elements[at]!, html: html[at]!, names };
    });
  }

  #allow(element: HTMLElement) {
    for (const box of boxesOf(element)) (box as HTMLInputElement).disabled = !this.#ticks;
  }

  #draw(html: readonly string[]): HTMLElement[] {
    const elements = this.#elements(html);
    for (const element of elements) this.#allow(element);
    return elements;
  }

  #elements(html: readonly string[]): HTMLElement[] {
    const elements = [...draw(html.join(''), this.#references).children] as HTMLElement[];
    if (elements.length === html.length) return elements;
    // One of them became more or less than one element: each is then held together by itself.
    return html.map((one) => {
      const holder = document.createElement('div');
      holder.append(draw(one, this.#references));
      return holder;
    });
  }

  #namesIn(html: string): string {
    const references = this.#references();
    const names = [...html.matchAll(NAMED)].map(([, kind, id]) => {
      const name = kind === 'note' ? references.noteTitle(id!) : references.memberName(id!);
      return `${id}=${name}`;
    });
    return names.join('\n');
  }

  #place(drawn: readonly Drawn[]) {
    this.#main.classList.toggle('many', drawn.length > MANY);
    const parts = this.#parts(drawn.filter((one) => one.block.footnote === undefined));
    for (const [part, elements] of parts) fill(part, elements);
    fill(this.#main, [...parts.keys()]);
    const notes = drawn.filter((one) => one.block.footnote !== undefined);
    fill(
      this.#notes,
      notes.map((one) => one.element),
    );
  }

  /**
   * Blocks in parts that are laid out only where they are looked at: a browser asks of each of them
   * in every frame whether it is seen, so they are few. Where one begins depends on the block there
   * alone, so a change touches only the part that it is in.
   */
  #parts(drawn: readonly Drawn[]): Map<HTMLElement, HTMLElement[]> {
    const parts = new Map<HTMLElement, HTMLElement[]>();
    let elements: HTMLElement[] | undefined;
    for (const { block, element } of drawn) {
      if (!elements || beginsPart(block)) {
        elements = [];
        const known = this.#partOf.get(element);
        const part = known ?? document.createElement('div');
        this.#partOf.set(element, part);
        parts.set(part, elements);
      }
      elements.push(element);
    }
    return parts;
  }
}

function boxesOf(element: Element): Element[] {
  return [...element.querySelectorAll('.task > input, .task > p > input')];
}

/** One block in about so many begins a part. */
const PART = 64;

function beginsPart({ key }: Block): boolean {
  return (key.length * 31 + (key.charCodeAt(key.length >> 1) || 0) * 17) % PART === 0;
}

/** Makes these the children of `parent`, moving as little as can be. */
function fill(parent: HTMLElement, elements: readonly HTMLElement[]) {
  const wanted = new Set<Element>(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const element of elements) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}
