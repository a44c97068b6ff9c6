import { expect, it } from 'vitest';
import { blocksOf, htmlOf } from './blocks';

const html = (source: string) => {
  const { blocks, env } = blocksOf(source);
  return blocks.map((block) => htmlOf(block, env).trim());
};

it('a page falls into blocks that know their lines', () => {
  const { blocks } = blocksOf('# Plan\n\nText\non.\n\n- a\n  - b\n\n```\ncode\n```\n');
  expect(blocks.map(({ line, lines, offset }) => [line, lines, offset])).toEqual([
    [0, 1, 0],
    [2, 2, 8],
    [5, 3, 18],
    [8, 3, 29],
  ]);
});

it('a block that stays the same keeps its key wherever it goes', () => {
  const keys = (source: string) => blocksOf(source).blocks.map((block) => block.key);
  expect(keys('new\n\none\n\ntwo\n').slice(1)).toEqual(keys('one\n\ntwo\n'));
});

it('the box of each task is found where it stands in the text', () => {
  const source = '[ ] no\n\nintro\n\n> 1. [ ] quoted\n\n- [x] a\n  - [ ] b [ ]\n- [y] none\n';
  const { blocks, env } = blocksOf(source);
  const boxes = blocks.flatMap((block) =>
    [...htmlOf(block, env).matchAll(/data-task="(\d+)"/g)].map((match) => {
      const at = block.offset + Number(match[1]);
      return [source.slice(at, at + 3), source.slice(at + 4, at + 5)];
    }),
  );
  expect(boxes).toEqual([
    ['[ ]', 'q'],
    ['[x]', 'a'],
    ['[ ]', 'b'],
  ]);
});

it('what is defined elsewhere is known in every block, and changes it', () => {
  expect(html('[a]\n\n[a]: http://x.org')[0]).toContain('href="http://x.org"');
  expect(html('Text[^1].\n\n[^1]: Note.\n')).toEqual([
    '<p>Text<sup data-footnote="1"></sup>.</p>',
    '<div data-footnote-text="1"><p>Note.</p>\n</div>',
  ]);
  const key = (source: string) => blocksOf(source).blocks[0]!.key;
  expect(key('[a]\n\n[a]: http://x.org')).not.toBe(key('[a]\n\n[a]: http://y.org'));
});

it('pictures of the room are marked, those from elsewhere are links', () => {
  const file = `/files/0190-aa/${'ab'.repeat(32)}`;
  expect(html(`![A cat](${file})`)[0]).toBe(
    `<p><a data-picture="true" href="${file}">A cat</a></p>`,
  );
  expect(html('![A "cat"](http://x.org/a.png)')[0]).toBe(
    '<p><a href="http://x.org/a.png">A &quot;cat&quot;</a></p>',
  );
});

it('a label of a footnote cannot become markup', () => {
  expect(html('x[^"><b>]\n\n[^"><b>]: y')[0]).toContain('data-footnote="&quot;&gt;&lt;b&gt;"');
});

it('a paragraph that would take seconds is drawn as it is written, in pieces', () => {
  const [drawn] = html('*word* '.repeat(20_000));
  expect(drawn).toMatch(/^<div data-long="true"><div>\*word\* /);
  expect(drawn!.match(/<div>/g)!.length).toBeGreaterThan(30);
});
