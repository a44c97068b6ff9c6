import type { Overlay } from './SessionView.svelte';

/** What a key asks for, wherever one is; F6 goes on to the next part of the window by itself. */
export function pressKey(event: KeyboardEvent, covered: boolean): Overlay | null {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    return 'palette';
  }
  if (covered) return null;
  if (event.key === 'F6') {
    event.preventDefault();
    goToNextPane(event.shiftKey ? -1 : 1);
  }
  if (event.key === '?' && !isWriting(event.target)) {
    event.preventDefault();
    return 'shortcuts';
  }
  return null;
}

function goToNextPane(step: 1 | -1) {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => pane.offsetParent !== null,
  );
  const here = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes.at((Math.max(here, 0) + (here < 0 ? 0 : step)) % panes.length);
  next?.focus();
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
