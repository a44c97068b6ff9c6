import * as Y from "yjs";

const WORDS = [
  "a",
  "b",
  "the ",
  "word",
  " ",
  "\n",
  "- [ ] ",
  "🎈",
  "👩‍👧",
  "🇩🇪",
  "é",
  "漢字",
  "\n\n",
];

/** One open editor. */
export class Client {
  constructor(random, app, member) {
    this.random = random;
    this.app = app;
    this.member = member;
    /** What has been told and not been taken in yet, in order. */
    this.inbox = [];
    /** What was told and taken in: what a reload starts from. */
    this.stored = [];
    /** What was sent, in order. */
    this.sent = [];
    /** What was typed and not sent yet. */
    this.unsent = [];
    this.open();
  }

  open() {
    this.doc = new Y.Doc({ gc: this.random.chance(0.8) });
    this.doc.clientID = this.random.client();
    this.text = this.doc.getText("body");
    this.cursor = 0;
    const known = [...this.stored, ...this.unsent];
    if (known.length > 0) {
      const updates = this.random.chance(0.5) ? [Y.mergeUpdates(known)] : known;
      updates.forEach((update) => Y.applyUpdate(this.doc, update, "remote"));
    }
    this.undo = new Y.UndoManager(this.text, { captureTimeout: this.random.one([0, 1e9]) });
    this.doc.on("update", (update, origin) => {
      if (origin !== "remote") this.unsent.push(update);
    });
  }

  /** Does one thing that people, editors and networks do. */
  act() {
    const random = this.random;
    const draw = random.next();
    if (draw < 0.45) this.type();
    else if (draw < 0.6) this.remove();
    else if (draw < 0.65) this.replaceAll();
    else if (draw < 0.71) this.undo.undo();
    else if (draw < 0.74) this.undo.redo();
    else if (draw < 0.755) this.reload();
    else if (draw < 0.76) this.sendEverything();
    else if (draw < 0.77) this.repeat();
    else if (draw < 0.88) this.send();
    else this.receive(1 + random.below(6));
    if (random.chance(0.3)) this.undo.stopCapturing();
  }

  type() {
    if (this.random.chance(0.4)) this.cursor = this.random.below(this.text.length + 1);
    const count = this.random.chance(0.05) ? 40 : 1 + this.random.below(3);
    for (let index = 0; index < count; index++) {
      const word = this.random.one(WORDS);
      const at = this.place(this.cursor);
      this.text.insert(at, word);
      this.cursor = at + word.length;
    }
  }

  remove() {
    if (this.text.length === 0) return;
    const from = this.place(this.random.below(this.text.length));
    const most = this.random.chance(0.1) ? this.text.length : 6;
    const to = this.place(Math.min(this.text.length, from + 1 + this.random.below(most)));
    if (to > from) this.text.delete(from, to - from);
    this.cursor = from;
  }

  replaceAll() {
    this.doc.transact(() => {
      const from = this.place(this.random.below(this.text.length + 1));
      const to = this.place(from + this.random.below(this.text.length - from + 1));
      if (to > from) this.text.delete(from, to - from);
      this.text.insert(from, this.random.one(WORDS).repeat(1 + this.random.below(9)));
      if (this.random.chance(0.5)) this.text.insert(this.text.length, this.random.one(WORDS));
    });
  }

  /** The nearest position that is not inside a character. */
  place(position) {
    const at = Math.min(position, this.text.length);
    const unit = this.text.toString().charCodeAt(at);
    return unit >= 0xdc00 && unit < 0xe000 ? at - 1 : at;
  }

  reload() {
    this.doc.destroy();
    this.open();
  }

  send() {
    if (this.unsent.length === 0) return;
    const count = this.random.chance(0.7)
      ? this.unsent.length
      : 1 + this.random.below(this.unsent.length);
    const update = Y.mergeUpdates(this.unsent.splice(0, count));
    this.pass(update);
    if (this.random.chance(0.05)) this.app.take(this, update);
  }

  /** Gives an update of its own away. */
  pass(update) {
    this.sent.push(update);
    // Not yet acknowledged: a reload must find it.
    this.stored.push(update);
    this.app.take(this, update);
  }

  sendAll() {
    while (this.unsent.length > 0) this.send();
  }

  /** Sends all it has, as after a reconnect. */
  sendEverything() {
    this.unsent = [];
    this.pass(Y.encodeStateAsUpdate(this.doc));
  }

  /** Sends again what the host has, alone or in front of what is new. */
  repeat() {
    if (this.stored.length > 0 && this.random.chance(0.5)) {
      this.app.take(this, this.random.one(this.stored));
    }
    if (this.sent.length > 0 && this.unsent.length > 0) {
      const from = this.random.below(this.sent.length);
      const again = [...this.sent.slice(from), ...this.unsent.splice(0)];
      this.pass(Y.mergeUpdates(again));
    }
  }

  receive(count) {
    for (const { update } of this.inbox.splice(0, count)) {
      this.stored.push(update);
      Y.applyUpdate(this.doc, update, "remote");
    }
  }
}
