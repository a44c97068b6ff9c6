// Real Yjs clients who write one note together, as a program: it says on
// standard output what they send, and reads from standard input what the host
// under test answers. One line of JSON each way. What happens is drawn from the
// seed alone, so that a run that failed can be looked at again.

import { createInterface } from "node:readline";

import { Random } from "./random.mjs";
import { Client } from "./client.mjs";
import { check } from "./check.mjs";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(request) {
  process.stdout.write(JSON.stringify(request) + "\n");
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value);
}

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (bytes) => Buffer.from(bytes).toString("base64");

/** Clients behind one app: they see each other's edits before the host does. */
class App {
  constructor() {
    this.outbox = [];
    this.clients = [];
    this.online = true;
  }

  /** Takes what a client sends, and tells its neighbours at once. */
  take(client, update) {
    this.outbox.push({ member: client.member, update });
    for (const other of this.clients) {
      if (other !== client) other.inbox.push({ update });
    }
  }
}

class Session {
  constructor(seed) {
    this.random = new Random(seed);
    this.steps = 20 + this.random.below(101);
    /** All facts in the host's order. */
    this.facts = [];
    this.apps = [];
    const apps = 1 + this.random.below(4);
    for (let index = 0; index < apps; index++) {
      const app = new App();
      const clients = this.random.chance(0.3) ? 2 : 1;
      for (let number = 0; number < clients; number++) {
        const member = 1 + this.random.below(apps + 1);
        app.clients.push(new Client(this.random, app, member));
      }
      this.apps.push(app);
    }
  }

  get clients() {
    return this.apps.flatMap((app) => app.clients);
  }

  async run() {
    for (let step = 0; step < this.steps; step++) {
      const app = this.random.one(this.apps);
      if (this.random.chance(0.04)) app.online = !app.online;
      if (this.random.chance(0.02)) await this.writeWhole();
      this.random.one(app.clients).act();
      if (app.online) await this.drain(app, this.random.below(3));
    }
    for (const app of this.apps) {
      app.clients.forEach((client) => client.sendAll());
      await this.drain(app, Infinity);
    }
    this.clients.forEach((client) => client.receive(Infinity));
    return check(this.random, this.facts, this.clients);
  }

  async drain(app, most) {
    for (let count = 0; count < most && app.outbox.length > 0; count++) {
      const { member, update } = app.outbox[0];
      const answer = await ask({ edit: { member, update: text(update) } });
      if (answer.refused) throw new Error(`a genuine edit was refused: ${answer.refused}`);
      this.tell(answer);
      // The acknowledgement may get lost, and the edit is then sent again.
      if (!this.random.chance(0.03)) app.outbox.shift();
    }
  }

  /** A client without Yjs writes a whole body against some version. */
  async writeWhole() {
    const version = this.facts.length - this.random.below(Math.min(this.facts.length + 1, 12));
    const answer = await ask({ write: { version, seed: this.random.below(1e9) } });
    if (answer.refused) throw new Error(`a write was refused: ${answer.refused}`);
    this.tell(answer);
  }

  tell({ facts }) {
    for (const fact of facts) {
      const update = bytes(fact);
      this.facts.push(update);
      this.clients.forEach((client) => client.inbox.push({ update, fact: true }));
    }
  }
}

const [first, count] = process.argv.slice(2).map(Number);
for (let seed = first; seed < first + count; seed++) {
  try {
    const body = await new Session(seed).run();
    await ask({ end: { body } });
  } catch (error) {
    await ask({ failed: { reason: String(error.stack) } });
  }
}
process.exit(0);
