// What a joined app does with what its host tells: it keeps every fact its member may see, forgets
// what goes out of sight, and fetches the past of what comes into sight.

import assert from "node:assert/strict";

import * as Y from "yjs";

import { Follower } from "./follower.mjs";

/** One member's copy of a session, in memory. */
export class Replica extends Follower {
  #me;
  #wanted = new Map();
  #taken = 0;
  #toldAt = 0;

  constructor(token, me) {
    super(token);
    this.#me = me;
    this.since = 0;
    /** What is kept, by number. */
    this.log = new Map();
    /** How often a past was fetched. */
    this.pasts = 0;
    /** How often something went out of sight. */
    this.losses = 0;
  }

  /** Asks for pages until live, then for what came into sight. */
  async catchUp({ batch } = {}) {
    for (;;) {
      const { since, run } = this;
      const page = await this.ask("thanks", { follow: "everything", since, run, batch });
      if (page.live) return page;
    }
  }

  /** Takes in what was heard, and fetches pasts until none is missing. */
  async settle() {
    this.#takeIn();
    while (this.#wanted.size > 0) {
      const [[id, past]] = this.#wanted;
      await this.#fetch(id, past);
      this.#takeIn();
    }
  }

  async #fetch(id, past) {
    const facts = [];
    let next = 0;
    let head = 0;
    while (next < past.until) {
      const { until } = past;
      let page;
      try {
        page = await this.ask("thanks", { [past.kind]: id, since: next, until, run: this.run });
      } catch (error) {
        if (error.code !== "not_found") throw error;
        this.#takeIn();
        this.#forget(id);
        this.#wanted.delete(id);
        return;
      }
      assert.equal(page.live, false);
      assert.ok(page.next > next && page.next <= until);
      for (const fact of page.facts) assert.ok(fact.seq > next && fact.seq <= page.next);
      facts.push(...page.facts);
      ({ next, head } = page);
    }
    // It may have gone out of sight meanwhile, and even have come back.
    this.#takeIn();
    if (this.#wanted.get(id) !== past) return;
    for (const fact of facts) this.log.set(fact.seq, fact);
    this.#wanted.delete(id);
    this.#toldAt = Math.max(this.#toldAt, head);
    this.pasts += 1;
  }

  #takeIn() {
    for (; this.#taken < this.facts.length; this.#taken += 1) {
      const fact = this.facts[this.#taken];
      assert.ok(!this.log.has(fact.seq), `${fact.seq} came twice`);
      this.#seen(fact);
      this.log.set(fact.seq, fact);
      if (fact.name === "roomleft" && fact.member === this.#me) this.#loseRoom(fact.room);
      if (fact.name === "noteleft") this.#forget(fact.key);
    }
  }

  #seen(fact) {
    const { rooms, notes } = this.session();
    if (fact.name === "roomjoined" && fact.member === this.#me && !rooms.has(fact.room)) {
      this.#want("room", fact.room, fact.seq);
    }
    if (fact.name === "notemoved") {
      const { key } = fact.note;
      if (!notes.has(key) || fact.seq <= this.#toldAt) this.#want("note", key, fact.seq);
    }
  }

  #want(kind, id, until) {
    if (!this.#wanted.has(id)) this.#wanted.set(id, { kind, until });
  }

  #loseRoom(room) {
    const known = this.session().rooms.get(room);
    if (known && !known.private) return;
    const places = new Map();
    for (const fact of this.sorted()) {
      if (["notecreated", "notemoved"].includes(fact.name))
        places.set(fact.note.key, fact.note.room);
    }
    for (const [key, place] of places) if (place === room) this.#forget(key);
    for (const fact of this.sorted()) {
      const mine = fact.member === this.#me;
      const of = fact.room?.id ?? fact.room ?? fact.message?.room;
      if (of === room && !mine) this.log.delete(fact.seq);
    }
    this.#wanted.delete(room);
    this.losses += 1;
  }

  /** Forgets a note, or what has come of a past that may not be seen. */
  #forget(id) {
    for (const fact of this.sorted()) {
      const of = fact.note?.key ?? fact.key;
      if (of === id && fact.name !== "noteleft") this.log.delete(fact.seq);
    }
    this.#wanted.delete(id);
    this.losses += 1;
  }

  /** What is kept, in order. */
  sorted() {
    return [...this.log.values()].sort((a, b) => a.seq - b.seq);
  }

  /** What it amounts to: rooms, notes with their texts, messages. */
  session() {
    const rooms = new Map();
    const notes = new Map();
    const messages = new Map();
    for (const fact of this.sorted()) {
      const { name, note, message } = fact;
      if (/^room(created|updated|destroyed|restored)$/.test(name)) {
        if (!this.#wanted.has(fact.room.id)) rooms.set(fact.room.id, fact.room);
      } else if (note && !this.#wanted.has(note.key)) {
        const known = notes.get(note.key);
        if (known || name === "notecreated" || name === "notemoved") {
          notes.set(note.key, { ...note, updates: known?.updates ?? [] });
        }
      } else if (name === "noteedited" && notes.has(fact.key)) {
        const edited = notes.get(fact.key);
        edited.version = fact.version;
        edited.updates.push(fact.update);
      } else if (message) {
        messages.set(message.id, message);
      }
    }
    return { rooms, notes, messages };
  }
}

/** The text that these updates make. */
export function bodyOf(updates) {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, "base64"));
  return doc.getText("body").toString();
}

/** All that the member of `client` may see, asked for as anybody does. */
export async function sightOf(client) {
  const { rooms } = await client.call("room:list");
  const notes = new Map();
  const messages = new Map();
  for (const room of rooms) {
    for (const trashed of [false, true]) {
      const { notelist } = await client.call("note:list", { room: room.id, trashed, limit: 1000 });
      for (const { key } of notelist) {
        const { note } = await client.call("note:read", { key });
        notes.set(key, note);
      }
    }
    for (let before; ;) {
      const page = await client.call("message:list", { room: room.id, before, limit: 500 });
      for (const message of page.messages) messages.set(message.id, message);
      before = page.next;
      if (before === undefined) break;
    }
  }
  return { rooms: new Map(rooms.map((room) => [room.id, room])), notes, messages };
}
