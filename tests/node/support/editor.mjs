// Somebody who types into a note by Yjs, as the interface does: one edit on the way, the rest
// merged behind it, nothing forgotten when the connection is lost or the page is loaded anew.

import { once } from "node:events";

import * as Y from "yjs";

const NOT_TYPED = "not typed here";
/** Nothing on one machine takes this long, even when it is busy with other things. */
const DEADLINE_MS = 20_000;

export class Editor {
  /** Signs in, connects, opens the note. */
  static async open(host, key, name = "Editor") {
    const { token } = await host.signIn(name);
    const editor = new Editor(host, { key, token, version: 0, own: [] });
    await editor.comeBack();
    return editor;
  }

  /** Goes on from what `record` gave: a page that was loaded anew. */
  constructor(host, { key, token, version, run, base, own }) {
    Object.assign(this, { host, key, token, version, run });
    this.doc = new Y.Doc();
    this.body = this.doc.getText("body");
    /** What the host told, up to `version`. */
    this.base = base ? [bytes(base)] : [];
    /** Edits that are in the host's hands, but not yet in `base`. */
    this.acknowledged = own.filter((edit) => edit.version !== undefined);
    this.unsent = own.filter((edit) => edit.version === undefined);
    this.sent = [];
    this.waiting = new Set();
    /** Facts that wait while the note is being opened, or while they are held back. */
    this.early = [];
    this.isHeldBack = false;
    this.isSlow = false;
    for (const update of this.base) Y.applyUpdate(this.doc, update, NOT_TYPED);
    for (const { update } of own) Y.applyUpdate(this.doc, bytes(update), NOT_TYPED);
    this.doc.on("update", (update, origin) => {
      if (origin === NOT_TYPED) return;
      this.unsent.push({ update: base64(update), about: origin?.about });
      this.#send();
    });
  }

  get text() {
    return this.body.toString();
  }

  get isConnected() {
    return Boolean(this.client?.socket.connected);
  }

  /** `about` is found with the edit for as long as it is not acknowledged. */
  type(at, text, about) {
    const place = wholeCharacters(this.text, at);
    this.doc.transact(() => this.body.insert(place, text), { about });
  }

  /** Answers what was removed. */
  remove(at, length, about = () => {}) {
    const from = wholeCharacters(this.text, at);
    const to = wholeCharacters(this.text, Math.min(at + length, this.text.length));
    const removed = this.text.slice(from, to);
    const origin = { about: about(removed) };
    if (to > from) this.doc.transact(() => this.body.delete(from, to - from), origin);
    return removed;
  }

  /** What is kept on the device: enough to go on, with the host's text or only what is its own. */
  record({ withText }) {
    const base = withText && this.base.length > 0 ? base64(Y.mergeUpdates(this.base)) : undefined;
    const own = [...this.acknowledged, ...this.unsent];
    const { key, token, version, run } = this;
    return structuredClone({ key, token, version: base ? version : 0, run, base, own });
  }

  /** Connects unless connected, and takes in what came meanwhile. */
  async comeBack() {
    if (this.isConnected) return;
    const client = this.host.client({ auth: { token: this.token } });
    await client.connected();
    const { you } = await client.take("welcome");
    this.client = Object.assign(client, { member: you });
    this.isOpening = true;
    this.early = [];
    client.socket.on("noteedited", (fact) => this.#hear(fact));
    const { run } = await client.thanks();
    const since = this.version > 0 ? { since_version: this.version, run: this.run } : {};
    const opened = await client.call("note:open", { key: this.key, ...since });
    this.isOpening = false;
    this.run = run;
    this.#takeIn(opened);
    if (!this.isHeldBack) this.letIn();
    this.#send();
  }

  /** Loses the connection from one moment to the next. */
  drop() {
    this.client?.close();
  }

  leave() {
    this.client?.close();
  }

  /** Resolves once it knows that the host is gone. */
  async isLost() {
    if (this.isConnected) await once(this.client.socket, "disconnect");
  }

  /** What the others do is not seen any more, for now. */
  holdBack() {
    this.isHeldBack = true;
  }

  letIn() {
    this.isHeldBack = false;
    for (const fact of this.early.splice(0)) this.#hear(fact);
  }

  /** What is typed is not sent any more, for now. */
  slowDown() {
    this.isSlow = true;
  }

  speedUp() {
    this.isSlow = false;
    this.#send();
  }

  /** Resolves when every edit was acknowledged, or cannot be while the connection is lost. */
  async settled() {
    this.speedUp();
    while (this.isConnected && (this.unsent.length > 0 || this.sending)) {
      this.#send();
      await this.sending;
      if (this.refusal) throw this.refusal;
    }
  }

  /** Sends everything once more, as a client does that never got its answers. */
  async sendAgain() {
    for (const update of this.sent) await this.send(update);
  }

  /** Resolves when this version has arrived. */
  has(version) {
    if (this.version >= version) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiting = { version, resolve };
      const late = () => reject(new Error(`${this.version} where ${version} was due`));
      waiting.timer = setTimeout(late, DEADLINE_MS);
      this.waiting.add(waiting);
    });
  }

  /** Sends one update as it is. */
  send(update) {
    return this.client.call("note:edit", { key: this.key, update: base64(update) });
  }

  #send() {
    const mayNot = this.sending || this.isOpening || this.isSlow || !this.isConnected;
    if (mayNot || this.unsent.length === 0 || this.refusal) return;
    const edits = [...this.unsent];
    const update = Y.mergeUpdates(edits.map((edit) => bytes(edit.update)));
    const { client } = this;
    this.sending = this.send(update).then(
      ({ version }) => {
        const own = this.unsent.splice(0, edits.length);
        this.acknowledged.push(...own.map((edit) => ({ ...edit, version })));
        this.sent.push(update);
        this.sending = undefined;
        this.#reached(this.version);
        this.#send();
      },
      (error) => {
        this.sending = undefined;
        // A refusal is an answer; a lost connection is not, and the edit waits for the next one.
        if (error.code && client.socket.connected) this.refusal = error;
        this.#send();
      },
    );
  }

  #hear(fact) {
    if (fact.key !== this.key) return;
    if (this.isOpening || this.isHeldBack) return void this.early.push(fact);
    if (fact.version !== this.version + 1) {
      throw new Error(`heard of version ${fact.version} after ${this.version}`);
    }
    this.#takeIn(fact);
  }

  #takeIn({ update, version }) {
    this.base.push(bytes(update));
    Y.applyUpdate(this.doc, bytes(update), NOT_TYPED);
    this.#reached(version);
  }

  #reached(version) {
    this.version = version;
    this.acknowledged = this.acknowledged.filter((edit) => edit.version > version);
    for (const waiting of this.waiting) {
      if (waiting.version > this.version) continue;
      clearTimeout(waiting.timer);
      this.waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

/** The place itself, or the one before it inside a character of two units. */
function wholeCharacters(text, at) {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}

export function base64(bytes) {
  return Buffer.from(bytes).toString("base64");
}

export function bytes(text) {
  return Buffer.from(text, "base64");
}
