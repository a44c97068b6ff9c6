// People who make rooms, go in and out of them, bring others in and send them out, and write, move
// and throw away what is in them.

/** Lets things happen in a session, at random. */
export class Commotion {
  #stopped = false;
  #rooms = [];
  #notes = [];
  #messages = [];

  /** `clients` are the people; the first one is whose sight changes most. */
  constructor(clients, chances) {
    Object.assign(this, { clients, chances });
    /** How many calls were carried out. */
    this.done = 0;
  }

  async begin() {
    const [, ann, ben] = this.clients;
    const { rooms } = await ann.call("room:list");
    this.#rooms.push(rooms[0].id);
    for (const [client, isPrivate] of [
      [ann, true],
      [ben, true],
      [ann, false],
    ]) {
      await this.#makeRoom(client, isPrivate);
    }
  }

  stop() {
    this.#stopped = true;
  }

  async run() {
    while (!this.#stopped) {
      const client = this.chances.of(this.clients);
      try {
        await this.#something(client);
        this.done += 1;
      } catch (error) {
        // Whoever chose it may not see it any more, or it is there already.
        if (!error.code || error.code === "internal") throw error;
      }
    }
  }

  #something(client) {
    const room = this.chances.of(this.#rooms);
    const chance = this.chances.next();
    if (chance < 0.04) return this.#makeRoom(client, this.chances.chance(0.7));
    if (chance < 0.16) return this.#inOrOut(client, room);
    if (chance < 0.26 || this.#notes.length === 0) return this.#makeNote(client, room);
    const key = this.chances.of(this.#notes);
    if (chance < 0.42) return client.call("note:move", { key, room });
    if (chance < 0.5) return this.#trash(client, key);
    if (chance < 0.7) {
      const changes = [{ from: 0, insert: `${this.chances.below(1e6)} ` }];
      return client.call("note:update", { key, version: 0, changes });
    }
    if (chance < 0.74) return client.call("note:update", { key, title: `Note ${chance}` });
    if (chance < 0.8 && this.#messages.length > 0) return this.#changeMessage(client);
    return this.#send(client, room);
  }

  async #makeRoom(client, isPrivate) {
    const name = `Room ${this.#rooms.length}`;
    const { room } = await client.call("room:create", { name, private: isPrivate });
    this.#rooms.push(room.id);
  }

  #inOrOut(client, room) {
    const [follower] = this.clients;
    const member = follower.member.id;
    if (client === follower) {
      return client.call(this.chances.chance(0.6) ? "room:leave" : "room:join", { room });
    }
    if (this.chances.chance(0.7)) return client.call("room:invite", { room, member });
    return client.call("room:remove", { room, member });
  }

  async #makeNote(client, room) {
    const body = this.chances.chance(0.5) ? "from the beginning" : undefined;
    const { note } = await client.call("note:create", { room, title: "A note", body });
    this.#notes.push(note.key);
  }

  #trash(client, key) {
    return client.call(this.chances.chance(0.4) ? "note:destroy" : "note:restore", { key });
  }

  async #send(client, room) {
    const { message } = await client.call("message:send", { room, body: `${this.chances.next()}` });
    this.#messages.push(message.id);
  }

  #changeMessage(client) {
    const message = this.chances.of(this.#messages);
    if (this.chances.chance(0.5)) return client.call("message:destroy", { message });
    return client.call("message:edit", { message, body: "in other words" });
  }
}
