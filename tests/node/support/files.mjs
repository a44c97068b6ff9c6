// Bringing and fetching files, as a page does: with `fetch`.

import { fetch as fetchWith, FormData } from "undici";

import { Host } from "./host.mjs";
import { dispatcherFor } from "./trust.mjs";

export const MIB = 1_024 * 1_024;

/** The smallest picture there is. */
export const GIF = Buffer.from(
  "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
  "base64",
);

/** A picture of this many bytes, another one for each size and `what`. */
export function picture(size, what = "") {
  const bytes = Buffer.alloc(size, `${what}${size} `);
  GIF.copy(bytes);
  return bytes;
}

/** `fetch`, by TLS to a host whose key is known. */
export function fetch(url, options = {}) {
  return fetchWith(url, { ...dispatcherFor(url), ...options });
}

/** The one that this `fetch` takes. */
export { FormData };

/** A session with two editors, Ann and Ben, who hear what happens in the room General. */
export class Files {
  static async open(
    t,
    options = ["--admit", "anyone", "--limits", "http_per_s=1000,http_burst=1000"],
    more = {},
  ) {
    const files = new Files();
    files.host = await Host.start(t, options, more);
    files.host.hostess = await files.host.enterAsHost();
    files.ann = await files.host.enter("Ann");
    files.ben = await files.host.enter("Ben");
    for (const client of [files.ann, files.ben]) await client.call("thanks");
    const { rooms } = await files.ann.call("room:list");
    files.room = rooms[0].id;
    return files;
  }

  bearer({ token }) {
    return { authorization: `Bearer ${token}` };
  }

  async post(query, body, headers = {}, more = {}) {
    const options = { method: "POST", body, headers, duplex: "half", ...more };
    const answer = await fetch(`${this.host.url}/files${query}`, options);
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  /** Brings a file for a room. */
  add(who, room, body, { name, id, ...more } = {}) {
    const query = new URLSearchParams({ room });
    if (name !== undefined) query.set("name", name);
    if (id !== undefined) query.set("id", id);
    return this.post(`?${query}`, body, this.bearer(who), more);
  }

  /** Fetches one. */
  async get(who, room, hash) {
    const url = `${this.host.url}/files/${room}/${hash}`;
    const answer = await fetch(url, { headers: this.bearer(who) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const json = answer.ok ? undefined : JSON.parse(bytes);
    return { status: answer.status, headers: answer.headers, bytes, json };
  }
}
