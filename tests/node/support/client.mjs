// The official client, with everything it heard kept, so that a test cannot ask too late.

import { once } from "node:events";

import { io } from "socket.io-client";

import { agentFor } from "./trust.mjs";

/** Nothing on one machine takes this long, even when it is busy with other things. */
const DEADLINE_MS = 20_000;

/** One socket of the official client. */
export class Client {
  constructor(url, { library = io, secrets, ...options } = {}) {
    this.heard = [];
    this.waiting = new Set();
    this.secrets = secrets;
    const own = { reconnection: false, forceNew: true, ...agentFor(url) };
    this.socket = library(url, { ...own, ...options });
    this.socket.onAny((event, payload, acknowledge) => this.#hear(event, payload, acknowledge));
    for (const event of ["connect", "disconnect", "connect_error"]) {
      this.socket.on(event, (detail) => this.#hear(event, detail));
    }
  }

  get id() {
    return this.socket.id;
  }

  get transport() {
    return this.socket.io.engine.transport.name;
  }

  /** Resolves once connected; fails with what the host says instead. */
  async connected() {
    const { event, payload } = await this.#next(({ event }) =>
      ["connect", "connect_error"].includes(event),
    );
    if (event !== "connect_error") return;
    // Where it was not the host's word, the answer that was not understood says more.
    if (payload.context?.responseText) payload.message += `: ${payload.context.responseText}`;
    throw payload;
  }

  /** Resolves once it is carried by a WebSocket. */
  async upgraded() {
    const { engine } = this.socket.io;
    if (this.transport !== "websocket") await once(engine, "upgrade");
  }

  /** The first payload of `event` after the last one taken that `wanted` is true of. */
  async take(event, wanted = () => true, within = DEADLINE_MS) {
    const look = (heard) => heard.event === event && wanted(heard.payload);
    const taken = await this.#next(look, within);
    this.acknowledge = taken.acknowledge;
    return taken.payload;
  }

  /** Only what comes from now on counts. */
  forget() {
    this.heard.length = 0;
  }

  /** What was heard and not taken, of one name or of all. */
  pending(event) {
    return this.heard.filter((heard) => event === undefined || heard.event === event);
  }

  /** Sends a call; answers what stands in `ok`, or fails with what stands in `error`. */
  async call(name, payload = {}) {
    const answer = await this.socket.timeout(DEADLINE_MS).emitWithAck(name, payload);
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    if (name === "session:invite") this.secrets?.addInvitation(answer.ok.invite.url);
    return answer.ok;
  }

  /** Starts hearing of the session's facts. */
  thanks(payload = {}) {
    return this.call("thanks", payload);
  }

  close() {
    this.socket.close();
  }

  #hear(event, payload, acknowledge) {
    this.heard.push({ event, payload, acknowledge });
    this.waiting.forEach((look) => look());
  }

  #next(wanted, within = DEADLINE_MS) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.heard.findIndex(wanted);
        if (at < 0) return;
        finish();
        resolve(this.heard.splice(at, 1)[0]);
      };
      const finish = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      const timer = setTimeout(() => {
        finish();
        const heard = this.heard.map(({ event }) => event).join(", ") || "nothing";
        reject(new Error(`not heard in time; heard instead: ${heard}`));
      }, within);
      this.waiting.add(look);
      look();
    });
  }
}
