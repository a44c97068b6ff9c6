// A script in Python that writes into notes without Yjs, and does one thing after the other.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Python that has what tests/python/requirements.txt names. */
const PYTHON =
  process.env.PYTHON ??
  fileURLToPath(new URL("../../../target/tools/python/bin/python", import.meta.url));

const FOLDER = fileURLToPath(new URL("../../python", import.meta.url));

export class Scribe {
  /** Starts one; it ends with the test. */
  static start(t) {
    const scribe = new Scribe();
    t.after(() => scribe.end());
    return scribe;
  }

  constructor() {
    const options = { cwd: FOLDER, stdio: ["pipe", "pipe", "inherit"] };
    this.process = spawn(PYTHON, ["-m", "support.scribe"], options);
    this.process.on("error", (error) => {
      throw new Error("`cargo xtask test node` sets up a Python for this", { cause: error });
    });
    this.lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  /** Comes in, unless it is in. */
  connect({ url, fingerprint }, token) {
    return this.#do({ do: "connect", url, fingerprint, token });
  }

  /** Loses the connection. */
  drop() {
    return this.#do({ do: "drop" });
  }

  /** Reads a note; what it writes next is made against this text. */
  read(key) {
    return this.#do({ do: "read", key });
  }

  /**
   * Inserts a text, `at` a share of the one it has read, in place of so many characters. Answers
   * what was removed, and the version, or no version when the connection was lost meanwhile.
   */
  write({ how, at, remove, insert }) {
    return this.#do({ do: "write", how, at, remove, insert });
  }

  /** Sends the last write once more. */
  again() {
    return this.#do({ do: "again" });
  }

  async end() {
    if (this.process.pid === undefined || this.process.exitCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.stdin.end();
    await exit;
  }

  async #do(order) {
    this.process.stdin.write(JSON.stringify(order) + "\n");
    const { value, done } = await this.lines.next();
    if (done) throw new Error("the script has ended");
    const answer = JSON.parse(value);
    if (answer.failed) throw new Error(`the script could not ${order.do}: ${answer.failed}`);
    return answer;
  }
}
