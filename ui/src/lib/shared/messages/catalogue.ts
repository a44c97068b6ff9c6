/** A text, or one of several by number. `{name}` stands for what is filled in. */
export type Text = string | { readonly one: string; readonly other: string };

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

type Placeholders<T extends Text> = T extends string
  ? Names<T>
  : T extends { other: infer Other extends string; one: infer One extends string }
    ? Names<Other> | Names<One> | 'count'
    : never;

/** What has to be filled in for a text; nothing where it has no placeholder. */
export type Values<T extends Text> = [Placeholders<T>] extends [never]
  ? []
  : [values: Record<Placeholders<T>, string | number>];

/** The text in its number, with everything filled in. */
export function fill(
  text: Text,
  values: Record<string, string | number> | undefined,
  plurals: Intl.PluralRules,
): string {
  const form =
    typeof text === 'string'
      ? text
      : text[plurals.select(Number(values?.count)) === 'one' ? 'one' : 'other'];
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values?.[name] ?? whole));
}
