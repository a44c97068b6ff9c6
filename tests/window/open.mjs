// A window on a fresh data directory, and everything it leaves behind cleared away.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Desktop } from "./desktop.mjs";
import { Window } from "./webdriver.mjs";

/** A session that anybody may join, for tests that are about something else. */
export const REQUEST = {
  name: "Tea",
  admission: "anyone",
  guests: "editor",
  browsers: "encrypted",
};

/** A desktop with or without a tray, and a data directory, until the test ends. */
export async function openDesktop(t, { tray = false } = {}) {
  const data = await mkdtemp(join(tmpdir(), "hearth-window-"));
  clearAfter(t, () => rm(data, { recursive: true }));
  const desktop = await Desktop.open({ tray });
  clearAfter(t, () => desktop.close());
  // Where the desktop's trash is.
  desktop.env.XDG_DATA_HOME = join(data, "share");
  return { data, desktop };
}

/** The same, with the window open. */
export async function open(t, options) {
  const opened = await openDesktop(t, options);
  return { ...opened, window: await openWindow(t, opened) };
}

/** A window, perhaps another one, on a desktop and a data directory. */
export async function openWindow(t, { data, desktop }, program, args) {
  const window = await Window.open({ program, args, data, env: desktop.env });
  clearAfter(t, () => window.close());
  return window;
}

const stacks = new WeakMap();

/** Like `t.after`, but what came last goes first: the app ends before its files do. */
export function clearAfter(t, clear) {
  if (!stacks.has(t)) {
    const stack = [];
    stacks.set(t, stack);
    t.after(async () => {
      while (stack.length) await stack.pop()();
    });
  }
  stacks.get(t).push(clear);
}
