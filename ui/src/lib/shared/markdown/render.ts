import DOMPurify from 'dompurify';
import { drawFileLink, drawPicture, type GetFile } from './files';
import { FILE, messageParser } from './parsers';

/** What a reference in a text stands for, in the words of now. */
export interface References {
  /** The member's present name, or null for somebody unknown. */
  memberName(id: string): string | null;
  /** The note's present title, or null where it cannot be seen. */
  noteTitle(key: string): string | null;
  /** Whether this is the reader, whose mentions stand out. */
  isMe(id: string): boolean;
  /** What stands for a note that cannot be seen. */
  unknownNote: string;
  /** How pictures and files of rooms are come by. */
  getFile?: GetFile;
}

const MENTION = /^member:(.+)$/;
const NOTE = /^note:(.+)$/;
const TASK = /^\[([ xX])\]\s/;

const parser = messageParser();

/** A message as it is drawn. */
export function render(source: string, references: () => References): DocumentFragment {
  return draw(parser.render(source), references);
}

/**
 * HTML that was made of Markdown, as it is drawn. HTML is off in the parser and everything is
 * sanitized once more, because it was written by others. `references` is asked only where there are
 * some: most texts need not be drawn anew when a name changes.
 */
export function draw(html: string, references: () => References): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto|member|note):|\/files\/[\w-]+\/[0-9a-f]{64}$)/i,
    FORBID_TAGS: ['style', 'img', 'form', 'input', 'svg', 'math'],
    FORBID_ATTR: ['style', 'class', 'id'],
  });
  for (const link of fragment.querySelectorAll('a')) drawLink(link, references);
  for (const item of fragment.querySelectorAll('li')) drawTask(item);
  for (const table of fragment.querySelectorAll('table')) makeScrollable(table);
  return fragment;
}

function drawLink(link: HTMLAnchorElement, references: () => References) {
  const href = link.getAttribute('href') ?? '';
  const member = MENTION.exec(href)?.[1];
  const note = NOTE.exec(href)?.[1];
  const file = FILE.exec(href);
  if (file) {
    const { getFile } = references();
    const drawFile = link.dataset.picture === undefined ? drawFileLink : drawPicture;
    if (getFile) drawFile(link, file[1]!, file[2]!, getFile);
  } else if (member) drawMention(link, member, references());
  else if (note) drawNoteLink(link, note, references());
  else {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
}

function drawMention(link: HTMLAnchorElement, member: string, references: References) {
  const mention = document.createElement('span');
  mention.className = references.isMe(member) ? 'mention mine' : 'mention';
  mention.textContent = `@${references.memberName(member) ?? link.textContent}`;
  const before = link.previousSibling;
  if (before instanceof Text) before.data = before.data.replace(/@$/, '');
  link.replaceWith(mention);
}

function drawNoteLink(link: HTMLAnchorElement, note: string, references: References) {
  const title = references.noteTitle(note);
  if (title === null) {
    const unknown = document.createElement('span');
    unknown.className = 'note-link unknown';
    unknown.textContent = references.unknownNote;
    link.replaceWith(unknown);
    return;
  }
  link.className = 'note-link';
  link.textContent = title;
  link.setAttribute('href', `#/note/${note}`);
}

/** `- [x] done`: a box that shows whether it is ticked. */
function drawTask(item: HTMLLIElement) {
  const holder = item.firstElementChild?.tagName === 'P' ? item.firstElementChild : item;
  const text = holder.firstChild;
  const mark = text instanceof Text ? TASK.exec(text.data.trimStart()) : null;
  if (!(text instanceof Text) || !mark) return;
  text.data = text.data.trimStart().slice(mark[0].length);
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.disabled = true;
  box.checked = mark[1] !== ' ';
  box.setAttribute('aria-label', ownText(holder));
  item.className = 'task';
  holder.prepend(box);
}

/** What an item says itself, without the items below it. */
function ownText(holder: Element): string {
  const own = [...holder.childNodes].filter((node) => !/^[UO]L$/.test(node.nodeName));
  return own
    .map((node) => node.textContent ?? '')
    .join('')
    .trim();
}

/** A wide table scrolls by itself instead of widening the page. */
function makeScrollable(table: HTMLTableElement) {
  const frame = document.createElement('div');
  frame.className = 'table';
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}
