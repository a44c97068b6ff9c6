// Payloads that no call takes, made from what the host says about itself at `/api.json`.

import { randomUUID } from "node:crypto";

/** Short texts with rules of their own, and what breaks them. */
const SHORT_TEXTS = {
  Name: ["", "   ", "x".repeat(41)],
  Title: ["", "\t", "x".repeat(121)],
  Topic: ["x".repeat(121)],
  Pin: ["", "123", "x".repeat(41)],
  Color: ["", "red", "#12345", "#1234567", "#gggggg", "123456"],
};
const UNSEEN = ["a\nb", "a\u0000b", "a\u202eb", "a\u2067b", "a\u2028b"];

/** What the description says about calls. */
export class Description {
  constructor(description) {
    this.schemas = description.components.schemas;
    this.calls = Object.values(description.channels.session.messages).filter(
      ({ name }) => name?.includes(":") || name === "thanks",
    );
  }

  /** Every `[call, payload]` in which one field is missing or wrong. */
  *wrongPayloads() {
    for (const { name, payload } of this.calls) {
      const schema = this.#resolve(payload);
      const valid = this.#valid(schema);
      for (const field of schema.required ?? []) {
        const { [field]: _, ...rest } = valid;
        yield [name, rest];
      }
      for (const [field, rule] of Object.entries(schema.properties ?? {})) {
        for (const wrong of this.#wrong(rule)) yield [name, { ...valid, [field]: wrong }];
      }
    }
  }

  #resolve(rule) {
    if (rule.$ref) return this.schemas[this.#referred(rule)];
    return rule;
  }

  #referred(rule) {
    const [one] = (rule.allOf ?? rule.anyOf ?? [rule]).filter(({ $ref }) => $ref);
    return one?.$ref.split("/").at(-1);
  }

  /** The rule itself, the name it has if any, and whether nothing may stand there. */
  #unfold(rule) {
    const named = this.#referred(rule);
    const bare = named ? this.schemas[named] : rule;
    const optional =
      rule.anyOf?.some(({ type }) => type === "null") ||
      (Array.isArray(rule.type) && rule.type.includes("null"));
    const type = Array.isArray(bare.type) ? bare.type.find((it) => it !== "null") : bare.type;
    return { named, bare, optional, type: bare.oneOf ? "choice" : type };
  }

  #valid(schema) {
    const fields = (schema.required ?? []).map((field) => {
      const { named, bare, type } = this.#unfold(schema.properties[field]);
      if (type === "choice") return [field, bare.oneOf[0].const];
      if (bare.format === "uuid") return [field, randomUUID()];
      if (named === "Color") return [field, "#123456"];
      return [field, { integer: 0, boolean: true, array: [], string: "text" }[type] ?? 1];
    });
    return Object.fromEntries(fields);
  }

  *#wrong(rule) {
    const { named, bare, optional, type } = this.#unfold(rule);
    if (!type) return;
    if (!optional) yield null;
    yield* this.#ofOtherTypes(type);
    if (type === "choice") yield* ["", "king", bare.oneOf[0].const.toUpperCase()];
    if (bare.format === "uuid") yield* ["", "1", "not-an-id", "g".repeat(32), "0".repeat(37)];
    if (type === "integer") yield* [-1, 1.5, 1e300];
    if (bare.format === "uint32") yield 2 ** 32;
    if (type === "array") yield* this.#wrongItems(bare.items);
    if (SHORT_TEXTS[named]) yield* SHORT_TEXTS[named];
    if (SHORT_TEXTS[named] && named !== "Color") yield* UNSEEN;
  }

  *#ofOtherTypes(type) {
    const all = { integer: 7, boolean: true, string: "7", array: [], object: {} };
    const own = type === "choice" ? "string" : type;
    for (const [other, value] of Object.entries(all)) if (other !== own) yield value;
    if (own !== "array") yield [null];
    if (own !== "object") yield { value: 7 };
  }

  *#wrongItems(rule) {
    const schema = this.#resolve(rule);
    yield [null];
    yield [{}];
    const valid = this.#valid(schema);
    for (const [field, inner] of Object.entries(schema.properties)) {
      for (const wrong of this.#wrong(inner)) yield [{ ...valid, [field]: wrong }];
    }
  }
}
