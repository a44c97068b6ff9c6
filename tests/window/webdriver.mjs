// Drives the real window by the WebDriver protocol, whose calls are plain HTTP.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { end } from "./desktop.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
// Long enough for a machine that does much else; nothing waits when it need not.
const DEADLINE_MS = 60_000;

/** Waits until `check` gives something, and fails with `what` when it never does. */
export async function until(what, check, deadline_ms = DEADLINE_MS) {
  const end = Date.now() + deadline_ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await pause(50);
  }
}

/** One WebKitWebDriver process and, through it, one window. */
export class Window {
  #driver;
  #base;
  #session;

  /** Opens `program` on its own data directory, on a desktop with this environment. */
  static async open({ program = process.env.HEARTH, args = [], data, env }) {
    const window = new Window();
    const port = await freePort();
    window.#base = `http://127.0.0.1:${port}`;
    window.#driver = spawn("WebKitWebDriver", [`--port=${port}`], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...env, HEARTH_DATA: data, TAURI_WEBVIEW_AUTOMATION: "true" },
    });
    await until("the driver answers", () =>
      fetch(`${window.#base}/status`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: program, args } } };
    const { sessionId } = await window.#call("POST", "/session", { capabilities });
    window.#session = `/session/${sessionId}`;
    return window;
  }

  /** Ends the app and the driver. */
  async close() {
    // The driver would leave the app running. Asked to end, it does what it
    // does for the system; only then does it matter to the driver.
    const app = await this.#app();
    if (app) {
      process.kill(app, "SIGTERM");
      await until("the app has ended", async () => (await this.#app()) !== app);
    }
    await end(this.#driver);
  }

  /** Whether the app has ended by itself. */
  async hasEnded() {
    return (await this.#app()) === undefined;
  }

  /** The process of the app, while it is there. */
  async #app() {
    const { pid, exitCode, signalCode } = this.#driver;
    if (exitCode !== null || signalCode !== null) return undefined;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return Number(children.trim().split(" ")[0]) || undefined;
  }

  /** The one element at `xpath`, once it is there. */
  find(xpath) {
    return until(`there is ${xpath}`, async () => (await this.#all(xpath))[0]);
  }

  /** Waits until a visible element carries this text. */
  async see(text) {
    await until(`“${text}” is seen`, async () => (await this.text()).includes(text));
  }

  /** The visible text of the page. */
  text() {
    return this.run("return document.body.innerText");
  }

  /** Clicks what a person would: a button, link, labelled choice or line of a menu by its words. */
  async click(words, { within = "" } = {}) {
    const quoted = JSON.stringify(words);
    const xpath =
      `${within}//*[self::button or self::a or self::label or @role='button' or @role='radio' or @role='menuitem']` +
      `[contains(normalize-space(.), ${quoted}) or contains(@aria-label, ${quoted})]`;
    await until(`${quoted} is clicked`, async () => {
      const element = await this.find(xpath);
      const clicked = this.#session_call("POST", `/element/${element}/click`, {});
      return clicked.then(() => true, passing);
    });
  }

  /** Types into the element at `xpath`. */
  async type(xpath, text) {
    const element = await this.find(xpath);
    await this.#session_call("POST", `/element/${element}/value`, { text });
  }

  /** Calls a command of the shell, as the page does; a refusal is thrown as it is. */
  async invoke(command, args = {}) {
    const call = `return window.__TAURI_INTERNALS__.invoke(...arguments).then(
      (ok) => ({ ok }), (error) => ({ error }))`;
    const { ok, error } = await this.run(call, command, args);
    if (error) throw error;
    return ok;
  }

  /** Keeps what the shell tells the page under this name, for `heard`. */
  async listen(event) {
    const script = `const tauri = window.__TAURI_INTERNALS__, [event] = arguments;
      (window.heard ??= {})[event] = [];
      const handler = tauri.transformCallback((told) => window.heard[event].push(told.payload));
      return tauri.invoke("plugin:event|listen", { event, target: { kind: "Any" }, handler });`;
    await this.run(script, event);
  }

  /** What the shell has told the page under this name since `listen`. */
  heard(event) {
    return this.run("return window.heard[arguments[0]]", event);
  }

  /** Runs a script in the page and gives what it returns; a promise is waited for. */
  run(script, ...args) {
    return this.#session_call("POST", "/execute/sync", { script, args });
  }

  /** A PNG of what the page shows. */
  async screenshot() {
    return Buffer.from(await this.#session_call("GET", "/screenshot"), "base64");
  }

  async #all(xpath) {
    const body = { using: "xpath", value: xpath };
    const found = await this.#session_call("POST", "/elements", body);
    return found.map((element) => element[ELEMENT]);
  }

  #session_call(method, path, body) {
    return this.#call(method, this.#session + path, body);
  }

  async #call(method, path, body) {
    const response = await fetch(this.#base + path, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
}

/** What is on its way in or out is waited for, as a person would. */
function passing(error) {
  if (/element click intercepted|stale element reference/.test(error.message)) return false;
  throw error;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
