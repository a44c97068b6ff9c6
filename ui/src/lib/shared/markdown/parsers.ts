import MarkdownIt, { type MarkdownIt as Parser } from 'markdown-it';
import footnote from 'markdown-it-footnote';

/** A file of a room, as it stands in a text: where it is, whatever the host's address is today. */
export const FILE = /^\/files\/([\w-]+)\/([0-9a-f]{64})$/;

/** A message: a line break is one. */
export function messageParser(): Parser {
  return withPictures(new MarkdownIt({ html: false, linkify: true, breaks: true }));
}

/**
 * A page: Markdown's own rules, and footnotes. They are numbered where they are drawn, because a
 * page is drawn block by block.
 */
export function pageParser(): Parser {
  const parser = withPictures(new MarkdownIt({ html: false, linkify: true }));
  parser.use(footnote).disable(['footnote_inline', 'footnote_tail']);
  const { rules } = parser.renderer;
  rules.footnote_ref = (tokens, at) =>
    `<sup data-footnote="${labelOf(parser, tokens[at]!)}"></sup>`;
  rules.footnote_reference_open = (tokens, at) =>
    `<div data-footnote-text="${labelOf(parser, tokens[at]!)}">`;
  rules.footnote_reference_close = () => '</div>';
  return parser;
}

/**
 * Pictures of the room are marked and drawn later; those from elsewhere are links, because the
 * browser would fetch them from there.
 */
function withPictures(parser: Parser): Parser {
  parser.renderer.rules.image = (tokens, at) => {
    const token = tokens[at]!;
    const address = String(token.attrGet('src') ?? '');
    const picture = FILE.test(address) ? ' data-picture="true"' : '';
    const { escapeHtml } = parser.utils;
    const words = escapeHtml(token.content) || escapeHtml(address);
    return `<a${picture} href="${escapeHtml(address)}">${words}</a>`;
  };
  return parser;
}

function labelOf(parser: Parser, token: { meta: unknown }): string {
  return parser.utils.escapeHtml((token.meta as { label: string }).label);
}
