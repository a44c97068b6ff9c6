// What the window's shell promises: it stays on its own page, lets it call
// nothing but our commands, and is there once for each data directory.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { REQUEST, open, openDesktop, openWindow } from "./open.mjs";
import { until } from "./webdriver.mjs";

async function exitCode(program, env) {
  const [code] = await once(
    spawn(program, [], { env, stdio: ["ignore", "ignore", "pipe"] }),
    "exit",
  );
  return code;
}

test("the page may call our commands and nothing else", async (t) => {
  const { window } = await open(t);
  const info = await window.invoke("start_info");
  assert.match(info.profile.name, /^\S+ \S+$/);
  assert.equal(info.tray, false);
  const others = ["plugin:event|emit", "plugin:window|close", "plugin:notification|notify"];
  for (const command of others) {
    await assert.rejects(
      () => window.invoke(command, { event: "close-requested", label: "main", options: {} }),
      (error) => /not allowed/.test(String(error)),
      command,
    );
  }
});

test("no script but the bundled ones runs in the window", async (t) => {
  const { window } = await open(t);
  const script = `const own = document.createElement("script");
    own.textContent = "window.injected = true";
    document.head.append(own);
    return [window.injected ?? null, typeof trustedEval()];
    function trustedEval() { try { return eval("({})") } catch { return undefined } }`;
  assert.deepEqual(await window.run(script), [null, "undefined"]);
});

test("the window never leaves its own page", async (t) => {
  const { window } = await open(t);
  const before = await window.run("return location.href");
  await window.run("window.here = true; location.href = 'http://127.0.0.1:9/elsewhere'");
  await window.run("window.open('http://127.0.0.1:9/elsewhere')");
  await window.run("location.href = 'data:text/html,elsewhere'");
  // A page that had been left would have forgotten this.
  assert.equal(await window.run("return window.here"), true);
  assert.equal(await window.run("return location.href"), before);
});

test("what a person set is there after a restart, and a log is written", async (t) => {
  const { window, ...place } = await open(t);
  const profile = { name: "Mina", color: "#2f68b1" };
  const settings = { theme: "dark", on_close: "end", announce: false };
  await window.invoke("save_profile", { profile });
  await window.invoke("save_settings", { settings });
  await window.close();
  const again = await openWindow(t, place);
  const info = await again.invoke("start_info");
  assert.deepEqual([info.profile, info.settings], [profile, settings]);
  assert.equal((await readdir(join(place.data, "logs"))).length, 1);
});

test("what the page gets wrong is refused with a reason", async (t) => {
  const { window } = await open(t);
  const refused = [
    ["save_profile", { profile: { name: "", color: "#2f68b1" } }],
    ["save_profile", { profile: { name: "Mina", color: "red" } }],
    ["save_settings", { settings: { theme: "pink", on_close: "ask" } }],
    ["host_session", { request: { ...REQUEST, admission: "nobody" } }],
    ["forget_session", { id: "no id" }],
    ["close_choice", { choice: "maybe" }],
  ];
  for (const [command, args] of refused) {
    await assert.rejects(() => window.invoke(command, args), command);
  }
  const unknown = { id: "01890000-0000-7000-8000-000000000000" };
  await assert.rejects(
    () => window.invoke("forget_session", unknown),
    (error) => error.code === "not_found",
  );
});

test("a notification reaches who is not looking, as the text it is", async (t) => {
  const { window, desktop } = await open(t, { tray: true });
  const focused = (wanted) =>
    until(`focused: ${wanted}`, async () => {
      await desktop.look(wanted);
      return (await window.run("return document.hasFocus()")) === wanted;
    });
  await focused(true);
  await window.invoke("notify", { title: "Ann", body: "You see this anyway" });
  await focused(false);
  await window.invoke("notify", { title: "Ann & Ben", body: "<b>Tea</b> & cake?" });
  const shown = await until("it is shown", async () => {
    const shown = await desktop.notifications();
    return shown.length && shown;
  });
  assert.deepEqual(shown, [{ title: "Ann & Ben", body: "&lt;b&gt;Tea&lt;/b&gt; &amp; cake?" }]);
});

test("a second start shows the first one's window", async (t) => {
  const { data, desktop } = await open(t, { tray: true });
  const env = { ...desktop.env, HEARTH_DATA: data };
  assert.equal(await exitCode(process.env.HEARTH, env), 0);
  assert.deepEqual(await desktop.windows(), ["Hearth"]);
});

test("without a session bus, a second start is refused with exit code 3", async (t) => {
  const { data, desktop } = await open(t);
  const env = { ...desktop.env, HEARTH_DATA: data };
  assert.equal(await exitCode(process.env.HEARTH, env), 3);
});

test("SIGTERM ends it cleanly", async (t) => {
  const { data, desktop } = await openDesktop(t);
  const env = { ...desktop.env, HEARTH_DATA: data };
  const app = spawn(process.env.HEARTH, [], { env, stdio: "ignore" });
  await until("the window is open", async () => (await desktop.windows()).length === 1);
  app.kill("SIGTERM");
  assert.deepEqual(await once(app, "exit"), [0, null]);
});

test("closing ends the app while nothing is hosted", async (t) => {
  const { desktop } = await open(t);
  await desktop.closeWindow();
  await until("the window is gone", async () => (await desktop.windows()).length === 0);
});
