import { t } from '../messages/index.svelte';
import { Refusal } from '../refusal';

/** How the bytes of a room's file are come by. */
export type GetFile = (room: string, hash: string) => Promise<Blob>;

const TRY_AGAIN_MS = 5_000;
const SAVED_WITHIN_MS = 30_000;
/** Pictures are fetched when they are nearly on the screen. */
const NEAR = '600px';

let waiting: IntersectionObserver | undefined;
const loads = new WeakMap<Element, () => void>();

/** Draws a picture of a room in place of the link that stands for it. */
export function drawPicture(link: HTMLAnchorElement, room: string, hash: string, get: GetFile) {
  const picture = document.createElement('img');
  picture.className = 'picture';
  picture.alt = link.textContent ?? '';
  picture.decoding = 'async';
  link.replaceWith(picture);
  whenNear(picture, () => void load(picture, () => get(room, hash)));
}

/** Saves a file of a room when its link is followed. */
export function drawFileLink(link: HTMLAnchorElement, room: string, hash: string, get: GetFile) {
  const name = link.textContent ?? '';
  link.className = 'file';
  link.addEventListener('click', (event) => {
    event.preventDefault();
    get(room, hash).then(
      (bytes) => save(bytes, name),
      (thrown: unknown) => (link.title = said(thrown)),
    );
  });
}

async function load(picture: HTMLImageElement, get: () => Promise<Blob>) {
  try {
    const url = URL.createObjectURL(await get());
    picture.onload = () => URL.revokeObjectURL(url);
    picture.onerror = () => {
      URL.revokeObjectURL(url);
      sayInstead(picture, t('files.broken', { name: picture.alt }));
    };
    picture.src = url;
  } catch (thrown) {
    const { code } = Refusal.from(thrown);
    const isPassing = code === 'offline' || code === 'rate_limited';
    if (!isPassing) return sayInstead(picture, said(thrown));
    picture.title = said(thrown);
    setTimeout(() => picture.isConnected && void load(picture, get), TRY_AGAIN_MS);
  }
}

function said(thrown: unknown): string {
  const { code } = Refusal.from(thrown);
  if (code === 'offline' || code === 'rate_limited') return t('files.away');
  if (code === 'internal') return t('files.broken', { name: '' });
  return t('files.unseen');
}

function sayInstead(picture: HTMLImageElement, words: string) {
  const calm = document.createElement('span');
  calm.className = 'no-picture';
  calm.textContent = words;
  picture.replaceWith(calm);
}

function whenNear(element: Element, then: () => void) {
  waiting ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        waiting?.unobserve(target);
        loads.get(target)?.();
        loads.delete(target);
      }
    },
    { rootMargin: NEAR },
  );
  loads.set(element, then);
  waiting.observe(element);
}

function save(bytes: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(bytes);
  link.download = name || 'file';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_WITHIN_MS);
}
