import { t } from '../messages/index.svelte';

/** Numbers the footnotes of a page by where they are first referred to, and leads there and back. */
export function numberFootnotes(main: HTMLElement, notes: HTMLElement) {
  const numbers = new Map<string, number>();
  const referring = new Map<string, HTMLElement>();
  for (const mark of main.querySelectorAll<HTMLElement>('[data-footnote]')) {
    const label = mark.dataset.footnote!;
    if (!numbers.has(label)) numbers.set(label, numbers.size + 1);
    if (!referring.has(label)) referring.set(label, mark);
    refer(mark, numbers.get(label)!, notes);
  }
  const texts = [...notes.children] as HTMLElement[];
  for (const text of texts) {
    const label = text.dataset.footnoteText ?? '';
    if (!numbers.has(label)) numbers.set(label, numbers.size + 1);
    text.dataset.number = String(numbers.get(label));
    leadBack(text, referring.get(label));
  }
  const order = (text: HTMLElement) => Number(text.dataset.number);
  const sorted = [...texts].sort((a, b) => order(a) - order(b));
  if (sorted.some((text, at) => text !== texts[at])) notes.append(...sorted);
}

function refer(mark: HTMLElement, number: number, notes: HTMLElement) {
  const words = String(number);
  if (mark.textContent === words) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = words;
  button.title = t('markdown.footnote', { number });
  button.setAttribute('aria-label', button.title);
  const label = mark.dataset.footnote!;
  button.onclick = () => {
    const text = [...notes.children].find(
      (one) => (one as HTMLElement).dataset.footnoteText === label,
    );
    show(text as HTMLElement | undefined);
  };
  mark.replaceChildren(button);
}

function leadBack(text: HTMLElement, mark: HTMLElement | undefined) {
  text.querySelector(':scope > .back')?.remove();
  if (!mark) return;
  const back = document.createElement('button');
  back.type = 'button';
  back.className = 'back';
  back.textContent = '↩';
  back.title = t('markdown.footnoteBack');
  back.setAttribute('aria-label', back.title);
  back.onclick = () => show(mark);
  text.append(back);
}

function show(element: HTMLElement | undefined) {
  element?.scrollIntoView({ block: 'center' });
  element?.querySelector('button')?.focus({ preventScroll: true });
}
