// Two to six people and scripts who write one note together, while connections break, pages are
// loaded anew and the host is killed. Everything that happens follows from one seed.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import * as Y from "yjs";

import { bytes, Editor } from "./editor.mjs";
import { Marks } from "./marks.mjs";
import { Random } from "./random.mjs";

/** How much happens; and in some meetings so much that the host makes checkpoints of the note. */
const STEPS = 60;
const MANY_STEPS = 600;
const FIRST_BODY = "👍\nbody";

export class Meeting {
  /** Holds one; `options` are those of the host, `scribe` may have been at others before. */
  static async hold(host, options, scribe, seed) {
    const meeting = new Meeting(host, options, scribe, seed);
    await meeting.begin();
    const steps = meeting.chances.chance(0.05) ? MANY_STEPS : STEPS;
    for (let step = 0; step < steps; step++) await meeting.act();
    await meeting.rest();
    return meeting;
  }

  constructor(host, options, scribe, seed) {
    Object.assign(this, { host, options, scribe });
    this.chances = new Random(seed);
    this.marks = new Marks(FIRST_BODY);
    this.editors = [];
  }

  async begin() {
    this.writer = await this.host.enter("Writer");
    const { rooms } = (await this.writer.thanks()).snapshot;
    const note = { room: rooms[0].id, title: "Together", body: FIRST_BODY };
    this.key = (await this.writer.call("note:create", note)).note.key;
    this.first = await this.writer.call("note:open", { key: this.key });
    const editors = 1 + this.chances.below(5);
    const opened = Array.from({ length: editors }, () => Editor.open(this.host, this.key));
    this.editors = await Promise.all(opened);
    this.token = (await this.host.signIn("Script")).token;
    await this.scribe.connect(this.host, this.token);
    await this.scribe.read(this.key);
  }

  async act() {
    const { chances } = this;
    const number = chances.below(this.editors.length);
    if (chances.chance(0.15)) await this.write();
    else if (chances.chance(0.015)) await this.restartHost();
    else if (chances.chance(0.04)) await this.reload(number);
    else await this.edit(this.editors[number]);
    // Others get a turn, and for a moment the network too.
    if (chances.chance(0.3)) await sleep(chances.below(4));
  }

  async edit(editor) {
    const { chances } = this;
    const draw = chances.next();
    if (draw < 0.55) this.type(editor);
    else if (draw < 0.72) this.remove(editor);
    else if (draw < 0.77) editor.drop();
    else if (draw < 0.83) await editor.comeBack();
    else if (draw < 0.87) editor.holdBack();
    else if (draw < 0.9) editor.letIn();
    else if (draw < 0.93) editor.slowDown();
    else if (draw < 0.95) editor.speedUp();
    else if (draw < 0.98) await editor.settled();
    else if (editor.isConnected) await editor.sendAgain();
  }

  type(editor) {
    const { chances } = this;
    const atCursor = chances.chance(0.5) && editor.cursor <= editor.text.length;
    const at = atCursor ? editor.cursor : chances.below(editor.text.length + 1);
    const text = this.text();
    editor.type(at, text, { added: text });
    editor.cursor = at + text.length;
  }

  remove(editor) {
    const at = this.chances.below(editor.text.length + 1);
    const length = 1 + this.chances.below(3);
    this.marks.remove(editor.remove(at, length, (removed) => ({ removed })));
  }

  text() {
    const { chances, marks } = this;
    const text = Array.from({ length: 1 + chances.below(3) }, () => marks.next()).join("");
    return chances.chance(0.2) ? `${text}\n` : text;
  }

  /** The script does one thing. */
  async write() {
    const { chances, scribe } = this;
    const draw = chances.next();
    if (draw < 0.1) return scribe.drop();
    await scribe.connect(this.host, this.token);
    if (this.unsure) return this.writeAgain();
    if (draw < 0.35) return scribe.read(this.key);
    const how = chances.of(["body", "changes"]);
    const written = scribe.write({
      how,
      at: chances.next(),
      remove: chances.chance(0.3) ? 1 + chances.below(3) : 0,
      insert: this.text(),
    });
    written.catch(() => {});
    // It may be cut off in the middle of this.
    if (chances.chance(0.05)) await this.restartHost();
    const { removed, version } = await written;
    this.marks.remove(removed);
    this.unsure = version === undefined;
    // An answer may get lost, and a script sends its call again then.
    if (chances.chance(0.1)) await this.writeAgain();
  }

  async writeAgain() {
    const { version } = await this.scribe.again();
    this.unsure = version === undefined;
  }

  /** The page is loaded anew: what it kept is all it has. */
  async reload(number) {
    const editor = this.editors[number];
    const record = editor.record({ withText: this.chances.chance(0.5) });
    editor.leave();
    this.editors[number] = new Editor(this.host, record);
    if (this.chances.chance(0.7)) await this.editors[number].comeBack();
  }

  /**
   * The device breaks while the host is away, so nothing of it arrives any more: what was not
   * acknowledged may be lost, the rest must not.
   */
  vanish() {
    const [editor] = this.editors.splice(this.chances.below(this.editors.length), 1);
    this.marks.doubt(editor.unsent.map((edit) => edit.about));
    editor.leave();
  }

  async restartHost() {
    if (this.chances.chance(0.3)) await this.host.stop();
    else await this.host.kill();
    await Promise.all(this.editors.map((editor) => editor.isLost()));
    if (this.chances.chance(0.3)) this.editors.forEach((editor) => this.type(editor));
    if (this.chances.chance(0.4) && this.editors.length > 1) this.vanish();
    await this.host.run(this.options);
    for (const editor of this.editors) if (this.chances.chance(0.7)) await editor.comeBack();
  }

  /** Everybody comes back and sends what is left; then all have one text, with everything in it. */
  async rest() {
    await this.scribe.connect(this.host, this.token);
    if (this.unsure) await this.writeAgain();
    for (const editor of this.editors) {
      await editor.comeBack();
      editor.letIn();
    }
    for (const editor of this.editors) await editor.settled();
    const read = await this.scribe.read(this.key);
    for (const editor of this.editors) {
      await editor.has(read.version);
      assert.equal(editor.text, read.body, "an editor has another text than the host");
    }
    this.marks.check(read.body);
    await this.checkLog(read);
  }

  /** The text that the log makes: in one piece, and after the host has lost its memory. */
  async checkLog({ version, body }) {
    const reader = await this.host.enter("Reader");
    await reader.thanks();
    const open = (more) => reader.call("note:open", { key: this.key, ...more });
    const behindFirst = await open({ since_version: this.first.version });
    assert.equal(textOf(this.first, behindFirst), body, "the log makes another text");
    await this.host.kill();
    await this.host.run(this.options);
    const again = await this.host.enter("Reader");
    const { note } = await again.call("note:read", { key: this.key, version });
    assert.equal(note.body, body, "the host reads another text from its log");
    for (const editor of this.editors) await editor.comeBack();
    for (const editor of this.editors) assert.equal(editor.text, body, "after a restart");
    again.close();
  }

  leave() {
    for (const editor of this.editors) editor.leave();
  }
}

function textOf(...opened) {
  const doc = new Y.Doc();
  for (const { update } of opened) Y.applyUpdate(doc, bytes(update));
  return doc.getText("body").toString();
}
