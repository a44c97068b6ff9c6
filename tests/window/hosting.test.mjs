// The first walk through the house: somebody opens the window and hosts, a
// guest opens the address, and both see the same.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";

import { request } from "../node/support/request.mjs";
import { addressOf, join, signIn } from "./guest.mjs";
import { open } from "./open.mjs";
import { until } from "./webdriver.mjs";

const ADDRESS = /https:\/\/\d+\.\d+\.\d+\.\d+:\d+/;

/** Hosts by clicking; answers the address that the window shows. */
async function host(opened, admission) {
  const { window } = opened;
  await window.click("Host a session");
  await window.click(admission);
  await window.click("Start hosting");
  await window.see("Nobody here yet");
  const shown = async () => (await window.text()).match(ADDRESS)?.[0];
  const address = await until("the invitation shows an address", shown);
  assert.ok(!address.includes("127.0.0.1"), "and one that others can reach");
  assert.equal(await addressOf(opened, await window.invoke("hosting")), address);
  return address;
}

test("a session is hosted, a guest joins, and a message crosses both ways", async (t) => {
  const opened = await open(t);
  const { window } = opened;
  const { profile } = await window.invoke("start_info");
  const address = await host(opened, "Anyone on this network");
  const drawn = "return document.querySelector('img[alt^=QR]')?.naturalWidth > 0";
  await until("the QR code is drawn", () => window.run(drawn));
  await window.see("Welcome");

  const ann = await join(t, address, "Ann");
  const { snapshot } = await ann.thanks();
  const general = snapshot.rooms.find((room) => room.name === "General");
  await window.see("1 other person is here");

  await window.click("General");
  await ann.call("message:send", { room: general.id, body: "Good morning" });
  await window.see("Good morning");
  await window.type("//textarea | //*[@role='textbox']", "Welcome, Ann\uE007");
  const posted = await ann.take("messageposted", ({ message }) => message.body !== "Good morning");
  assert.equal(posted.message.body, "Welcome, Ann");
  const author = snapshot.members.find((member) => member.id === posted.message.by);
  assert.equal(author.name, profile.name);
});

test("somebody at the door is let in from the window", async (t) => {
  const opened = await open(t);
  const { window } = opened;
  const address = await host(opened, "Ask me each time");
  const asked = await signIn(address, "Ann");
  assert.equal(asked.status, 202);
  const waiting = request(address, "GET", `/sign-in/${asked.body.knock}`);
  await window.see("Ann");
  await window.click("Let in");
  const answer = await waiting;
  assert.equal(answer.status, 201);
  assert.equal(answer.body.member.name, "Ann");
});

test("after stopping, the session is offered again with what was in it", async (t) => {
  const opened = await open(t);
  const { window } = opened;
  const address = await host(opened, "Anyone on this network");
  const ann = await join(t, address, "Ann");
  const { snapshot } = await ann.thanks();
  await ann.call("message:send", { room: snapshot.rooms[0].id, body: "Remember this" });
  await window.click("General");
  await window.see("Remember this");

  await window.invoke("stop_hosting");
  await window.see("Last open");
  await window.click("Session of");
  await window.click("Start hosting");
  await window.see("Nobody here yet");
  await window.click("General");
  await window.see("Remember this");
});

test("a session that is removed is in the trash, and can be got back from there", async (t) => {
  const opened = await open(t);
  const { window, data } = opened;
  await host(opened, "Anyone on this network");
  await window.invoke("stop_hosting");
  await window.see("Last open");
  const [file] = await readdir(`${data}/sessions`);
  await window.click("What to do with");
  await window.click("Remove");
  await window.see("put into this computer’s trash");
  await window.click("Remove", { within: "//*[contains(@role, 'dialog')]" });
  await window.see("Sessions that you host or join are kept here.");
  assert.deepEqual(await readdir(`${data}/sessions`), []);
  assert.ok((await readdir(`${data}/share/Trash/files`)).includes(file));
});
