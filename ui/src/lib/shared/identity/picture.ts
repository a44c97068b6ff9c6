import type { Fingerprint } from './fingerprint';

// The same drawing as `crates/protocol/src/picture.rs`, letter by letter; a test holds both together.
const SIDE = 5;
const MIDDLE = Math.ceil(SIDE / 2);
const CELL = 10;
const EDGE = 5;
const SIZE = SIDE * CELL + 2 * EDGE;
const COLORS = 8;
const CELLS = 10;

interface Shape {
  round: boolean;
  color: string;
}

/** A fingerprint for a first look, as SVG with its own light ground. */
export function fingerprintPicture({ bytes }: Fingerprint): string {
  const hue = Math.floor((bytes[COLORS]! * 360) / 256);
  const other = (hue + 90 + Math.floor((bytes[COLORS + 1]! * 180) / 256)) % 360;
  const colors = [`hsl(${hue} 60% 36%)`, `hsl(${other} 65% 46%)`] as const;
  const parts: string[] = [];
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < MIDDLE; column += 1) {
      const shape = shapeOf(bytes[CELLS + row * MIDDLE + column]!, colors);
      if (!shape) continue;
      const mirrored = SIDE - 1 - column;
      parts.push(draw(shape, column, row));
      if (mirrored !== column) parts.push(draw(shape, mirrored, row));
    }
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}">` +
    `<rect width="${SIZE}" height="${SIZE}" rx="12" fill="hsl(${hue} 40% 93%)"/>` +
    `${parts.join('')}</svg>`
  );
}

function shapeOf(byte: number, [first, second]: readonly [string, string]): Shape | null {
  switch (byte % 8) {
    case 0:
    case 1:
    case 2:
      return null;
    case 3:
    case 4:
      return { round: false, color: first };
    case 5:
      return { round: true, color: first };
    case 6:
      return { round: false, color: second };
    default:
      return { round: true, color: second };
  }
}

function draw({ round, color }: Shape, column: number, row: number): string {
  const [x, y, half] = [EDGE + column * CELL, EDGE + row * CELL, CELL / 2];
  return round
    ? `<circle cx="${x + half}" cy="${y + half}" r="${half}" fill="${color}"/>`
    : `<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="${color}"/>`;
}
