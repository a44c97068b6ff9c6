// Whatever people and scripts do to one note at once, and whatever becomes of their connections,
// their pages and the host meanwhile: they end up with one text, and every edit that was
// acknowledged is in it, once.

import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { LONG } from "./support/long.mjs";
import { Meeting } from "./support/meeting.mjs";
import { SEED } from "./support/random.mjs";
import { Scribe } from "./support/scribe.mjs";

const MEETINGS = LONG ? 1_000 : 40;
/** Each meeting leaves people and a note behind; a host gets so many. */
const AT_ONE_HOST = 20;
const OPEN = ["--admit", "anyone", "--limits", "off"];

test(`${MEETINGS} meetings of people and scripts end in one text, with every edit in it once`, async (t) => {
  const scribe = Scribe.start(t);
  for (let held = 0; held < MEETINGS; held += AT_ONE_HOST) {
    const host = await Host.start(t, OPEN);
    for (let number = held; number < held + AT_ONE_HOST; number++) {
      const seed = (SEED + number) % 2 ** 32;
      try {
        const meeting = await Meeting.hold(host, OPEN, scribe, seed);
        meeting.leave();
      } catch (error) {
        const { stack, description = "" } = error;
        throw new Error(`HEARTH_SEED=${seed} holds this meeting again: ${stack} ${description}`);
      }
    }
    await host.stop();
  }
});
