import type { Env, Token } from 'markdown-it';
import { pageParser } from './parsers';

/** A part of a page that is drawn by itself: a paragraph, a list, a table. */
export interface Block {
  /** What it looks like depends on this alone: two blocks with one key look the same. */
  key: string;
  /** Where it stands in the text: lines from 0, and the place where they begin. */
  line: number;
  lines: number;
  offset: number;
  length: number;
  /** The footnote that it is the text of. */
  footnote?: string;
  tokens: Token[];
}

/** A page in parts, and what they share. */
export interface Page {
  blocks: Block[];
  env: Env;
}

/**
 * Longer ones are drawn as they are written: drawing is done block by block, and one that takes
 * seconds would stop who types beside it.
 */
const LONGEST_PARAGRAPH = 60_000;
const LONGEST_BLOCK = 400_000;
/** Long text in pieces that are laid out only where they are looked at. */
const PIECE = /[^]{1,4000}(?:\s|$)|[^]{4000}/g;

const TASK = /^\[[ xX]\]\s/;
const parser = pageParser();
/** How the parser goes about a text: finding blocks, and then what is in each of them. */
const RULES = parser.core.ruler.getRules('');
const FIND = RULES.slice(0, 2);
const FILL = RULES.slice(2);

/** Finds the blocks of a page. This is quick; drawing one is not, and `htmlOf` does it. */
export function blocksOf(source: string): Page {
  const env: Env = {};
  const state = new parser.core.State(source, parser, env);
  for (const rule of FIND) rule(state);
  const starts = lineStarts(source);
  const shared = JSON.stringify(sharedOf(env));
  const blocks = split(state.tokens).map((tokens): Block => {
    const [line, end] = extent(tokens);
    const offset = starts[line] ?? source.length;
    const text = source.slice(offset, starts[end] ?? source.length);
    const label = tokens[0]!.type === 'footnote_reference_open' ? labelOf(tokens[0]!) : undefined;
    markTasks(tokens, source, starts, offset);
    // Definitions elsewhere change what a link or a footnote in it is.
    const key = text.includes('[') ? `${text}\u0000${shared}` : text;
    return { key, line, lines: end - line, offset, length: text.length, footnote: label, tokens };
  });
  return { blocks, env };
}

/** A block as HTML, not sanitized yet. */
export function htmlOf(block: Block, env: Env): string {
  if (isTooLong(block)) return plain(block);
  const state = new parser.core.State('', parser, env);
  state.tokens = block.tokens;
  for (const rule of FILL) rule(state);
  return parser.renderer.render(state.tokens, parser.options, env);
}

function isTooLong({ tokens, length }: Block): boolean {
  return length > (tokens[0]!.type === 'paragraph_open' ? LONGEST_PARAGRAPH : LONGEST_BLOCK);
}

function plain({ key, length }: Block): string {
  const pieces = key.slice(0, length).match(PIECE) ?? [];
  const html = pieces.map((piece) => `<div>${parser.utils.escapeHtml(piece)}</div>`);
  return `<div data-long="true">${html.join('')}</div>`;
}

/** What is defined in one place of a page and used in others. */
function sharedOf(env: { references?: object; footnotes?: { refs?: object } }) {
  return [env.references ?? {}, Object.keys(env.footnotes?.refs ?? {})];
}

function split(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [];
  let part: Token[] = [];
  for (const token of tokens) {
    part.push(token);
    if (token.level > 0 || token.nesting > 0) continue;
    parts.push(part);
    part = [];
  }
  return parts;
}

/** The lines from the first to behind the last. */
function extent(tokens: readonly Token[]): [number, number] {
  let [first, end] = [Infinity, 0];
  for (const { map } of tokens) {
    if (!map) continue;
    first = Math.min(first, map[0]);
    end = Math.max(end, map[1]);
  }
  return first === Infinity ? [0, 0] : [first, end];
}

/** Notes at each task where its box is, counted from the beginning of the block. */
function markTasks(tokens: Token[], source: string, starts: readonly number[], offset: number) {
  tokens.forEach((token, index) => {
    if (token.type !== 'list_item_open') return;
    const inline = tokens[index + 2];
    if (inline?.type !== 'inline' || !inline.map || !TASK.test(inline.content)) return;
    const from = starts[inline.map[0]]!;
    const at = source.indexOf(inline.content.slice(0, 3), from);
    if (at >= 0) token.attrSet('data-task', String(at - offset));
  });
}

function labelOf(token: Token): string {
  return (token.meta as { label: string }).label;
}

function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1))
    starts.push(at + 1);
  return starts;
}
