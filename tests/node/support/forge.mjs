// Yjs updates (version 1) made by hand: anything may stand anywhere in them.

/** `sections`: `{client, clock, pieces}`; `deleted`: `[client, [[clock, length]]]`. */
export function forged({ sections = [], deleted = [] }) {
  const parts = [number(sections.length)];
  for (const { client, clock, pieces } of sections) {
    parts.push(number(pieces.length), number(client), number(clock), ...pieces.map(encoded));
  }
  parts.push(number(deleted.length));
  for (const [client, ranges] of deleted) {
    parts.push(number(client), number(ranges.length), ...ranges.flat().map(number));
  }
  return Buffer.concat(parts);
}

/** One piece of one client: `{origin, right, text, unseen, flags, root}`. */
export function typed(client, clock, piece) {
  return forged({ sections: [{ client, clock, pieces: [piece] }] });
}

export function number(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** Some bytes changed, lost, doubled or added. */
export function damaged(update, chances) {
  let bytes = Buffer.from(update);
  for (let times = 1 + chances.below(3); times > 0; times--) {
    const at = chances.below(bytes.length + 1);
    const [before, some, rest] = [0, at, at + chances.below(8), Infinity].map((from, index, all) =>
      bytes.subarray(from, all[index + 1]),
    );
    const any = Buffer.from([chances.below(256)]);
    const parts = chances.of([
      [before, any, some.subarray(1), rest],
      [before, any, some, rest],
      [before, rest],
      [before, some, some, rest],
    ]);
    bytes = Buffer.concat(parts);
  }
  return bytes;
}

function encoded({ origin, right, text, unseen, flags = 0, root = "body" }) {
  const kind = unseen === undefined ? 4 : 1;
  const head = (kind | (origin ? 0x80 : 0) | (right ? 0x40 : 0)) ^ flags;
  const ids = [origin, right].filter(Boolean).flat().map(number);
  const parent = origin || right ? [] : [number(1), string(Buffer.from(root))];
  const content = unseen === undefined ? string(Buffer.from(text)) : number(unseen);
  return Buffer.concat([Buffer.from([head]), ...ids, ...parent, content]);
}

function string(bytes) {
  return Buffer.concat([number(bytes.length), bytes]);
}
