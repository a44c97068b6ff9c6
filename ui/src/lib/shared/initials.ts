/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s_-]+/u)
    .filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  // By code points: half an emoji is no initial.
  return letters.map((word) => [...word][0]!.toLocaleUpperCase()).join('') || '?';
}
