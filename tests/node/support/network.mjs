// Two computers joined by a cable, in network namespaces of this one.

import { execFileSync } from "node:child_process";

let made = 0;

/** Runs `ip`; what it complains about is thrown. */
function ip(...words) {
  const args = words.join(" ").split(" ");
  return execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
}

/**
 * Computers `a` and `b`, 10.77.0.1 and 10.77.0.2 on their adapters `lan0`; null, and the test is
 * skipped, where namespaces are not allowed.
 */
export function layCable(t) {
  const [a, b] = ["a", "b"].map((name) => new Computer(`hearth-${process.pid}-${++made}${name}`));
  try {
    ip(`netns add ${a.name}`);
    t.after(() => a.remove());
    ip(`netns add ${b.name}`);
    t.after(() => b.remove());
    join(a, b, "lan0", "10.77.0");
  } catch (error) {
    t.skip(`network namespaces are not allowed here: ${error.message.split("\n")[0]}`);
    return null;
  }
  for (const computer of [a, b]) computer.ip("link set lo up");
  return { a, b };
}

/** One more cable between two computers, by adapters of this name. */
export function join(a, b, adapter, network) {
  ip(`link add ${adapter} netns ${a.name} type veth peer name ${adapter} netns ${b.name}`);
  for (const [computer, number] of [
    [a, 1],
    [b, 2],
  ]) {
    computer.ip(`address add ${network}.${number}/24 dev ${adapter}`);
    computer.ip(`link set ${adapter} up`);
  }
}

/** A computer with a network of its own. */
class Computer {
  constructor(name) {
    this.name = name;
    /** What stands before a command that runs there. */
    this.inside = ["ip", "netns", "exec", name];
  }

  /** Changes its network: `link set lan0 down`. */
  ip(words) {
    return ip(`-n ${this.name}`, words);
  }

  remove() {
    ip(`netns delete ${this.name}`);
  }
}
