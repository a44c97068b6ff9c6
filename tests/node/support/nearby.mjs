// What `hearthd nearby` finds, followed as it changes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { PROGRAM } from "./host.mjs";

/** Enough for a host that ended without a word to be missed, on a computer that does much else. */
const DEADLINE_MS = 90_000;

/** Somebody who looks around on a computer's network. */
export class Onlooker {
  /** Everything nearby, by announcement. */
  sessions = new Map();
  /** How often something was found, changed or lost. */
  events = 0;
  log = "";
  #process;
  #wake = () => {};

  static start(t, { inside = [] } = {}) {
    const onlooker = new Onlooker();
    const [program, ...args] = [...inside, PROGRAM, "nearby", "--seconds", "3600"];
    onlooker.#process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    onlooker.#process.stderr.on("data", (text) => (onlooker.log += text));
    createInterface({ input: onlooker.#process.stdout }).on("line", (line) => onlooker.#take(line));
    onlooker.#process.on("exit", () => onlooker.#wake());
    t.after(() => onlooker.stop());
    return onlooker;
  }

  /** Waits until `check` is true of all that is nearby. */
  async until(what, check) {
    const end = Date.now() + DEADLINE_MS;
    for (;;) {
      const sessions = [...this.sessions.values()];
      if (check(sessions)) return sessions;
      if (!this.isAlive()) throw new Error(`hearthd nearby ended:\n${this.log}`);
      if (Date.now() > end) throw new Error(`${what}; there is: ${JSON.stringify(sessions)}`);
      await this.#change(end - Date.now());
    }
  }

  /** Waits for a host's session; how it is announced. */
  async find(host, check = () => true) {
    const is = (session) => session.session === host.session && check(session);
    const sessions = await this.until(`it is not found as it should be`, (all) => all.some(is));
    return sessions.find(is);
  }

  /** Waits until a host's session is not there any more. */
  lose(host) {
    return this.until("it is still there", (all) =>
      all.every(({ session }) => session !== host.session),
    );
  }

  isAlive() {
    const { exitCode, signalCode } = this.#process;
    return exitCode === null && signalCode === null;
  }

  async stop() {
    if (!this.isAlive()) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exit;
  }

  #take(line) {
    const { event, ...session } = JSON.parse(line);
    this.events += 1;
    if (event === "gone") this.sessions.delete(session.id);
    else this.sessions.set(session.id, session);
    this.#wake();
  }

  #change(within_ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, within_ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
