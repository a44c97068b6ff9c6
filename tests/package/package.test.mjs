// What people install: everything a desktop needs is in the package, and the
// program in it starts. In CI, as root, it is installed for real; elsewhere it
// is unpacked and started from there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { request } from "../node/support/request.mjs";
import { addressOf, join as joinSession } from "../window/guest.mjs";
import { REQUEST, clearAfter, openDesktop, openWindow } from "../window/open.mjs";

const DEB = process.env.HEARTH_DEB;
const INSTALLS = Boolean(process.env.CI) && process.getuid() === 0;

const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8" });

/** Where the package's files are, until the test ends. */
async function unpacked(t) {
  if (INSTALLS) {
    run("dpkg", "--install", DEB);
    clearAfter(t, () => run("dpkg", "--purge", "hearth"));
    return "/";
  }
  const dir = await mkdtemp(join(tmpdir(), "hearth-package-"));
  clearAfter(t, () => rm(dir, { recursive: true }));
  run("dpkg-deb", "--extract", DEB, dir);
  return dir;
}

test("the package names what it needs", () => {
  const field = (name) => run("dpkg-deb", "--field", DEB, name).trim();
  assert.equal(field("Package"), "hearth");
  assert.match(field("Version"), /^\d+\.\d+\.\d+$/);
  for (const library of ["libwebkit2gtk-4.1-0", "libgtk-3-0", "libayatana-appindicator3-1"]) {
    assert.ok(field("Depends").includes(library), library);
  }
});

test("the desktop finds the program, its entry and its icon", async (t) => {
  const dir = await unpacked(t);
  const entry = await readFile(join(dir, "usr/share/applications/Hearth.desktop"), "utf8");
  const value = (key) => entry.match(new RegExp(`^${key}=(.*)$`, "m"))?.[1];
  assert.deepEqual(
    [value("Type"), value("Name"), value("Exec"), value("Terminal")],
    ["Application", "Hearth", "hearth %u", "false"],
  );
  // An invitation that is clicked opens the program, which is told the address by %u.
  assert.equal(value("MimeType"), "x-scheme-handler/hearth");
  await readFile(join(dir, "usr/share/doc/hearth/copyright"));
  const icons = join(dir, "usr/share/icons/hicolor");
  const svg = await readFile(join(icons, `scalable/apps/${value("Icon")}.svg`), "utf8");
  assert.match(svg, /^<svg /);
  for (const size of [32, 64, 128, 256, 512]) {
    const png = await readFile(join(icons, `${size}x${size}/apps/${value("Icon")}.png`));
    // Width and height stand at the beginning of every PNG.
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [size, size]);
  }
});

test("what is in the package opens its window and hosts", async (t) => {
  const dir = await unpacked(t);
  const place = await openDesktop(t);
  const window = await openWindow(t, place, join(dir, "usr/bin/hearth"));
  const version = run("dpkg-deb", "--field", DEB, "Version").trim();
  assert.equal((await window.invoke("start_info")).version, version);
  const address = await addressOf(place, await window.invoke("host_session", { request: REQUEST }));
  const page = await request(address, "GET", "/");
  assert.equal(page.status, 200);
  assert.match(page.text, /<title>Hearth<\/title>/);
  const guest = await joinSession(t, address, "Ann");
  assert.equal((await guest.take("welcome")).session.name, REQUEST.name);
});
