// What a host has handed out or was told, and must never write into its log.

import assert from "node:assert/strict";

/** Shorter ones stand in any log by chance, as a PIN of four digits does in a time. */
const SHORTEST = 8;

export class Secrets {
  #all = new Set();

  /** A token, a PIN, a message: any text that is nobody else's business. */
  add(...secrets) {
    for (const secret of secrets) {
      assert.ok(secret.length >= SHORTEST, `${secret} would be found by chance`);
      this.#all.add(secret);
    }
  }

  /** The secret in an invitation's address. The key's fingerprint behind it is public. */
  addInvitation(url) {
    this.add(new URL(url).hash.slice(1).split(".")[0]);
  }

  get count() {
    return this.#all.size;
  }

  /** Fails if any of them stands in `log`, as it is or as it would be written there. */
  assertNotIn(log) {
    for (const secret of this.#all) {
      for (const [how, written] of spellings(secret)) {
        const at = log.indexOf(written);
        // The log around it, for whoever has to find where it was written; these are tests'.
        const around = log.slice(Math.max(0, at - 300), at + written.length + 100);
        assert.ok(at < 0, `a secret stands ${how} in the log:\n${around}`);
      }
    }
  }
}

/** How a text may come to stand in a log. */
function spellings(text) {
  const bytes = Buffer.from(text);
  return [
    ["as it is", text],
    ["as JSON", JSON.stringify(text).slice(1, -1)],
    ["as JSON in JSON", JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
    ["in hex", bytes.toString("hex")],
    ["in base64", bytes.toString("base64").replace(/=+$/, "").slice(0, -1)],
    ["percent-encoded", encodeURIComponent(text)],
    ["as a list of bytes", [...bytes].join(", ")],
  ];
}
