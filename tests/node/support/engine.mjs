// Engine.IO and Socket.IO by hand, for what no good client does.

import { once } from "node:events";

import { WebSocket } from "ws";

import { agentFor } from "./trust.mjs";

const DEADLINE_MS = 8_000;

/** A session of Engine.IO over long polling. */
export class Polling {
  static async open(host, options) {
    const opened = await host.http("GET", "/socket.io/?EIO=4&transport=polling", options);
    if (opened.status !== 200) throw Object.assign(new Error(opened.text), opened);
    return new Polling(host, JSON.parse(opened.text.slice(1)).sid);
  }

  constructor(host, sid) {
    this.host = host;
    this.sid = sid;
    this.path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  }

  send(text) {
    return this.host.http("POST", this.path, { text });
  }

  receive() {
    return this.host.http("GET", this.path);
  }

  /** Joins the main namespace; answers what the host says to it. */
  async join(token) {
    await this.send(`40${JSON.stringify({ token })}`);
    let heard = "";
    // A ping may come first.
    while (!/4[04]\{/.test(heard)) heard += (await this.receive()).text;
    return heard;
  }
}

/** A WebSocket that speaks no more than it is told to. */
export class Raw {
  static async open(t, host, { headers = {}, query = "" } = {}) {
    const address = host.url.replace("http", "ws");
    const socket = new WebSocket(`${address}/socket.io/?EIO=4&transport=websocket${query}`, {
      headers,
      ...agentFor(host.url),
    });
    const raw = new Raw(socket);
    t.after(() => socket.terminate());
    await once(socket, "open");
    return raw;
  }

  constructor(socket) {
    this.socket = socket;
    this.frames = [];
    socket.on("error", () => {});
    socket.on("message", (frame) => this.frames.push(String(frame)));
    this.closed = new Promise((resolve) => socket.once("close", resolve));
  }

  send(frame) {
    this.socket.send(frame);
  }

  /** The first frame from now on that begins so. */
  async frame(beginning) {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      const at = this.frames.findIndex((frame) => frame.startsWith(beginning));
      if (at >= 0) return this.frames.splice(at, 1)[0];
      await once(this.socket, "message", { signal });
    }
  }

  async join(token) {
    this.send(`40${JSON.stringify({ token })}`);
    await this.frame("40");
  }

  /** Resolves once the host has closed it. */
  async ended() {
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error("still open")), DEADLINE_MS).unref();
    });
    await Promise.race([this.closed, late]);
  }
}
