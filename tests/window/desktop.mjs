// The desktop around the window: a session bus, a tray and a window manager.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BUS = fileURLToPath(new URL("bus.conf", import.meta.url));

/** What a person does outside the window. */
export class Desktop {
  #bus;
  #program;
  #lines;
  /** What programs on this desktop find in their environment. */
  env;

  /** A desktop with a tray, or one without (and then without a session bus). */
  static async open({ tray }) {
    const desktop = new Desktop();
    desktop.env = { ...process.env };
    delete desktop.env.DBUS_SESSION_BUS_ADDRESS;
    if (tray) {
      desktop.#bus = start("dbus-daemon", [`--config-file=${BUS}`, "--print-address", "--nofork"]);
      desktop.env.DBUS_SESSION_BUS_ADDRESS = (await lines(desktop.#bus).next()).value;
    }
    desktop.#program = start(process.env.DESKTOP, [], desktop.env);
    desktop.#lines = lines(desktop.#program);
    await desktop.#answer();
    return desktop;
  }

  /** `{shown, menu}` of the icon in the tray, or null. */
  tray() {
    return this.#ask("tray");
  }

  /** Picks a line of the icon's menu. */
  choose(text) {
    return this.#ask(`choose ${text}`);
  }

  /** The titles of the windows on the screen. */
  windows() {
    return this.#ask("windows");
  }

  /** All notifications so far, as `{title, body}`. */
  notifications() {
    return this.#ask("notifications");
  }

  /** Whether the keyboard writes to the window. */
  look(at) {
    return this.#ask(at ? "focus Hearth" : "unfocus");
  }

  /** The cross in the window's frame. */
  closeWindow() {
    return this.#ask("close Hearth");
  }

  async close() {
    await end(this.#program);
    await end(this.#bus);
  }

  #ask(command) {
    this.#program.stdin.write(`${command}\n`);
    return this.#answer();
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("The desktop ended; it says why above.");
    return JSON.parse(value);
  }
}

/** Ends a process and waits until it has ended. */
export async function end(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

function start(program, args, env) {
  return spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
}

function lines(child) {
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}
