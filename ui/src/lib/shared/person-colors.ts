/** The colours offered to people; any other `#rrggbb` works too. */
export const PERSON_COLORS = [
  '#c8553d',
  '#e08a3c',
  '#d9b44a',
  '#8aa14f',
  '#4f8a5b',
  '#3f8f8b',
  '#4a86b8',
  '#5c6bc0',
  '#8a63b5',
  '#b5578f',
  '#a0705a',
  '#7a7f87',
] as const;

const NAMES = [
  'Robin',
  'Orange',
  'Honey',
  'Olive',
  'Fern',
  'Lagoon',
  'River',
  'Iris',
  'Plum',
  'Peony',
  'Chestnut',
  'Pebble',
];
const MOODS = ['Nice', 'Quiet', 'Bright', 'Gentle', 'Brave', 'Merry', 'Kind', 'Calm'];

/** A friendly name and the colour that goes with it, for somebody who has not chosen yet. */
export function friendlyAlias(random: () => number = Math.random): { name: string; color: string } {
  const index = Math.floor(random() * PERSON_COLORS.length);
  const mood = MOODS[Math.floor(random() * MOODS.length)];
  return { name: `${mood} ${NAMES[index]}`, color: PERSON_COLORS[index]! };
}
