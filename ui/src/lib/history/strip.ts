import type { Burst, MemberId } from '../protocol';

/** A part of the line that stands for all versions, in hundredths of its length. */
export interface Segment {
  from: number;
  to: number;
  /** Who wrote there; null where that is not loaded. */
  by: MemberId | null;
}

/** Finer than this nobody sees. */
const COLUMNS = 240;

/** Who wrote which part of the versions 1 to `newest`. */
export function segments(bursts: readonly Burst[], newest: number): Segment[] {
  if (newest === 0) return [];
  const columns = new Array<MemberId | null>(Math.min(COLUMNS, newest)).fill(null);
  const scale = columns.length / newest;
  // Where two wrote at once, the one who began later shows: the other goes on around it.
  for (const { first, version, by } of [...bursts].sort((a, b) => a.first - b.first)) {
    columns.fill(by, Math.floor((first - 1) * scale), Math.ceil(version * scale));
  }
  const found: Segment[] = [];
  const width = 100 / columns.length;
  columns.forEach((by, index) => {
    const last = found.at(-1);
    if (last?.by === by) last.to = (index + 1) * width;
    else found.push({ from: index * width, to: (index + 1) * width, by });
  });
  return found;
}
