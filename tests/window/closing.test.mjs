// Nobody is thrown out of a session by a stray click: while hosting, closing
// the window asks, keeps hosting in the tray, or ends it, as the person chose.

import assert from "node:assert/strict";
import { test } from "node:test";

import { request } from "../node/support/request.mjs";
import { addressOf, join } from "./guest.mjs";
import { REQUEST, open } from "./open.mjs";
import { until } from "./webdriver.mjs";

/** A window that hosts a session, and where that session answers. */
async function host(t, options) {
  const opened = await open(t, options);
  const hosting = await opened.window.invoke("host_session", { request: REQUEST });
  return { ...opened, address: await addressOf(opened, hosting) };
}

const answers = (address) =>
  request(address, "GET", "/health").then(
    ({ status }) => status === 200,
    () => false,
  );

const shown = async (desktop) => (await desktop.windows()).includes("Hearth");

/** Hosts by clicking, so that the page is where a person would see it ask. */
async function hostByHand(t, options) {
  const opened = await open(t, options);
  await opened.window.click("Host a session");
  await opened.window.click("Anyone on this network");
  await opened.window.click("Start hosting");
  await opened.window.see("Nobody here yet");
  const hosting = await opened.window.invoke("hosting");
  return { ...opened, address: await addressOf(opened, hosting) };
}

test("closing while hosting asks first, and says who would be sent away", async (t) => {
  const { window, desktop, address } = await hostByHand(t);
  await join(t, address, "Ann");
  await window.see("1 other person is here");
  await desktop.closeWindow();
  await window.see("You are still hosting");
  assert.match(await window.text(), /1 (other )?person/);
  assert.doesNotMatch(await window.text(), /Keep hosting in the tray/);
  await window.click("Stay here");
  await until("the question is gone", async () => !/still hosting/.test(await window.text()));
  assert.ok(await shown(desktop));
  assert.ok(await answers(address));
});

test("where there is a tray, the page offers to keep hosting there", async (t) => {
  const { window, desktop, address } = await hostByHand(t, { tray: true });
  await desktop.closeWindow();
  await window.see("Keep hosting in the tray");
  // The driver's own click would wait for the hidden page to be drawn.
  await window.run(`const buttons = [...document.querySelectorAll("button")];
    const tray = buttons.find((button) => button.innerText === "Keep hosting in the tray");
    setTimeout(() => tray.click())`);
  await until("the window is hidden", async () => !(await shown(desktop)));
  assert.ok(await answers(address));
});

test("without a tray the window is never hidden, because it could not be found again", async (t) => {
  const { window, desktop } = await host(t);
  const settings = { theme: "system", on_close: "tray" };
  await window.invoke("save_settings", { settings });
  await window.listen("close-requested");
  await desktop.closeWindow();
  await until("the page is asked all the same", async () => {
    return (await window.heard("close-requested")).length;
  });
  await window.invoke("close_choice", { choice: "tray" });
  assert.ok(await shown(desktop));
});

test("choosing to end it ends the session and the app", async (t) => {
  const { window, desktop, address } = await host(t);
  // The page is gone before it hears an answer.
  await window.invoke("close_choice", { choice: "end" }).catch(() => {});
  await until("the window is gone", async () => !(await shown(desktop)));
  await until("the session is gone", async () => !(await answers(address)));
});

test("who chose to end it once and for all is not asked", async (t) => {
  const { window, desktop, address } = await host(t);
  const settings = { theme: "system", on_close: "end" };
  await window.invoke("save_settings", { settings });
  await desktop.closeWindow();
  await until("the window is gone", async () => !(await shown(desktop)));
  await until("the session is gone", async () => !(await answers(address)));
});

test("hosting goes on in the tray, and from there the window comes back", async (t) => {
  const { window, desktop, address } = await host(t, { tray: true });
  assert.ok((await window.invoke("start_info")).tray);
  const tray = await until("the icon is shown", async () => {
    const tray = await desktop.tray();
    return tray?.shown && tray;
  });
  assert.match(tray.menu[0], /here$/);
  assert.deepEqual(tray.menu.slice(1), ["Show Hearth", "Stop hosting", "Quit"]);

  await window.invoke("close_choice", { choice: "tray" });
  await until("the window is hidden", async () => !(await shown(desktop)));
  assert.ok(await answers(address));
  await desktop.choose("Show Hearth");
  await until("the window is back", () => shown(desktop));
});

test("stopping from the tray brings the page back to the start", async (t) => {
  const { window, desktop, address } = await hostByHand(t, { tray: true });
  await until("the icon is shown", async () => (await desktop.tray())?.shown);
  await desktop.choose("Stop hosting");
  await window.see("Last open");
  assert.equal(await window.invoke("hosting"), null);
  assert.equal(await answers(address), false);
  await until("the icon is gone", async () => !(await desktop.tray()).shown);
});

test("stopping from the tray while the window is hidden ends the app", async (t) => {
  const { window, desktop, address } = await host(t, { tray: true });
  await window.invoke("close_choice", { choice: "tray" });
  await until("the window is hidden", async () => !(await shown(desktop)));
  await desktop.choose("Stop hosting");
  await until("the session is gone", async () => !(await answers(address)));
  await until("the app has ended", () => window.hasEnded());
});

test("the tray counts the people who are connected", async (t) => {
  const { desktop, address } = await hostByHand(t, { tray: true });
  const counted = (text) =>
    until(`the tray says “${text}”`, async () => (await desktop.tray())?.menu[0] === text);
  await counted("1 person here");
  await join(t, address, "Ann");
  await counted("2 people here");
  const ben = await join(t, address, "Ben");
  await counted("3 people here");
  ben.close();
  await counted("2 people here");
});
