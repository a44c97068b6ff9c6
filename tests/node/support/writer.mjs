// A member who goes on writing all kinds of things until told to stop.

import { randomUUID } from "node:crypto";

/** Calls one writer has on the way. */
const OUTSTANDING = 4;

/** Facts of the session itself. */
export const ALL = "all";
/** A note's text, of which only those hear who have it open. */
export const NOBODY = "nobody";

export class Writer {
  #stopped = false;
  #messages = [];
  #notes = [];

  /** Writes into `rooms`. */
  constructor(client, rooms, chances) {
    Object.assign(this, { client, rooms, chances });
    /** What was acknowledged: `{seq, to}`, the room whose members hear it, or `ALL` or `NOBODY`. */
    this.acknowledged = [];
  }

  /** Writes until stopped, or until the connection is lost. */
  async run() {
    const lanes = Array.from({ length: OUTSTANDING }, () => this.#lane());
    await Promise.all(lanes);
  }

  stop() {
    this.#stopped = true;
  }

  async #lane() {
    const { socket } = this.client;
    const lost = new Promise((resolve) => socket.once("disconnect", () => resolve("lost")));
    while (!this.#stopped && socket.connected) {
      const [to, call] = this.#choose();
      const done = call().then((answer) => ({ answer }));
      done.catch(() => {});
      const ended = await Promise.race([done, lost]);
      if (ended === "lost") return;
      this.acknowledged.push({ seq: ended.answer.seq, to });
    }
  }

  #choose() {
    const room = this.chances.of(this.rooms);
    const chance = this.chances.next();
    const mine = this.#messages.at(-1);
    if (chance < 0.06 && mine) return [mine.room, () => this.#edit(mine)];
    if (chance < 0.09 && mine) return [mine.room, () => this.#destroy(this.#messages.pop())];
    if (chance < 0.14) return [room, () => this.#makeNote(room)];
    const note = this.#notes.at(-1);
    if (chance < 0.2 && note) return [note.room, () => this.#retitle(note)];
    if (chance < 0.24 && note) return [NOBODY, () => this.#write(note)];
    if (chance < 0.28) return [ALL, () => this.#rename()];
    return [room, () => this.#send(room)];
  }

  async #send(room) {
    const id = randomUUID();
    const body = `${this.client.member.name} ${this.chances.below(1e6)}`;
    const answer = await this.client.call("message:send", { id, room, body });
    this.#messages.push({ id, room });
    return answer;
  }

  #edit({ id }) {
    return this.client.call("message:edit", { message: id, body: `again ${this.chances.next()}` });
  }

  #destroy({ id }) {
    return this.client.call("message:destroy", { message: id });
  }

  async #makeNote(room) {
    const title = `Note ${this.chances.below(1e6)}`;
    const answer = await this.client.call("note:create", { room, title });
    this.#notes.push({ key: answer.note.key, room });
    return answer;
  }

  #retitle({ key }) {
    const title = `Note ${this.chances.next()}`;
    return this.client.call("note:update", { key, title });
  }

  #write({ key }) {
    const changes = [{ from: 0, insert: `${this.chances.next()} ` }];
    return this.client.call("note:update", { key, version: 0, changes });
  }

  #rename() {
    const name = `Writer ${this.chances.next()}`;
    return this.client.call("member:update", { name });
  }
}
