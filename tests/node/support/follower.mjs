// A client that keeps its place in the session's history across lost connections, as API.md asks.

import { EventEmitter, once } from "node:events";

import { io } from "socket.io-client";

import { agentFor } from "./trust.mjs";

const DEADLINE_MS = 20_000;

/** Calls that were on the way when the connection was lost have no answer. */
export class Lost extends Error {}

/** One member's view of the history, in the order it was heard. */
export class Follower {
  #arrivals = new EventEmitter();

  /** `socket.io-client` without its own reconnection: when to come back is the test's choice. */
  constructor(token) {
    this.token = token;
    this.facts = [];
    this.pages = [];
    this.since = undefined;
    this.run = undefined;
    this.socket = undefined;
  }

  /** Connects; nothing is heard before `catchUp`. */
  async connect(url, options = {}) {
    const { token } = this;
    const own = { auth: { token }, reconnection: false, forceNew: true, ...agentFor(url) };
    const socket = io(url, { ...own, ...options });
    this.socket = socket;
    this.gone = new Promise((resolve) => socket.once("disconnect", resolve));
    socket.onAny((event, payload) => this.#hear(event, payload));
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
  }

  /** Asks for pages until live. `between` is called before each page is asked for. */
  async catchUp({ batch, between = () => {} } = {}) {
    for (;;) {
      between();
      const { since, run } = this;
      const page = await this.ask("thanks", { since, run, batch });
      if (page.live) return page;
    }
  }

  /** Calls; the answer is taken in at once, before any event that comes behind it. */
  ask(name, payload) {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      // The official client would keep it for the next connection.
      if (!socket.connected) return reject(new Lost());
      socket.timeout(DEADLINE_MS).emit(name, payload, (late, answer) => {
        if (late) return reject(socket.connected ? new Error(`no answer to ${name}`) : new Lost());
        if (answer.error)
          return reject(Object.assign(new Error(answer.error.message), answer.error));
        // A past, which is asked for up to a number, is no place in what is heard.
        if (name === "thanks" && payload.until === undefined) this.#takePage(answer.ok);
        resolve(answer.ok);
      });
    });
  }

  /** Resolves when `count` more facts were heard, or the connection is lost. */
  async heard(count) {
    const enough = this.facts.length + count;
    const { socket } = this;
    while (this.facts.length < enough && socket.connected) {
      const late = AbortSignal.timeout(DEADLINE_MS);
      await Promise.race([once(this.#arrivals, "fact", { signal: late }), this.gone]);
    }
  }

  /** Leaves as a client that was closed does. */
  leave() {
    this.socket?.disconnect();
  }

  /** Closes the connection under the socket, which says nothing. */
  drop() {
    this.socket.io.engine.close();
  }

  /** The connection is gone from one moment to the next, as when a cable is pulled. */
  tear() {
    const { transport } = this.socket.io.engine;
    if (transport.ws?.terminate) transport.ws.terminate();
    else this.socket.io.engine.close();
  }

  #takePage(page) {
    for (const fact of page.facts ?? []) this.#take(fact);
    this.since = page.next ?? page.head;
    this.run = page.run;
    this.pages.push(page);
  }

  #take(fact) {
    this.facts.push(fact);
    this.since = fact.seq;
    this.#arrivals.emit("fact");
  }

  #hear(event, payload) {
    if (event === "facts") payload.facts.forEach((fact) => this.#take(fact));
    else if (payload?.seq !== undefined && /^[a-z]+$/.test(event)) {
      this.#take({ name: event, ...payload });
    }
  }
}

/** Everything the log holds for this member after `since`, read from its pages. */
export async function wholeLog(url, token, since, run) {
  const follower = new Follower(token);
  Object.assign(follower, { since, run });
  await follower.connect(url);
  await follower.catchUp();
  follower.leave();
  return follower.facts;
}
