// Announcements written by hand, as somebody sends them who means no good. Run inside of a
// computer's network: `node announce.mjs ADDRESS`, with packets as base64 lines on standard input.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const GROUP = "224.0.0.251";
const PORT = 5353;
const SERVICE = "_hearth._tcp.local";
/** The record is the only one of its name: whoever knows another forgets it. */
const FLUSH = 0x8000;

const u16 = (number) => Buffer.from([number >> 8, number & 0xff]);
const u32 = (number) => Buffer.concat([u16(number >>> 16), u16(number & 0xffff)]);

/** A name in DNS. The first label may hold dots. */
function name(first, rest) {
  const labels = [first, ...rest.split(".")].map((label) => Buffer.from(label));
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
}

function record(owner, type, { flush = true, ttl = 120 }, data) {
  const kind = u16(flush ? 1 | FLUSH : 1);
  return Buffer.concat([owner, u16(type), kind, u32(ttl), u16(data.length), data]);
}

/** A TXT record's data. */
export function txt(properties) {
  const strings = Object.entries(properties).map(([key, value]) => {
    const text = Buffer.concat([Buffer.from(`${key}=`), Buffer.from(value)]).subarray(0, 255);
    return Buffer.concat([Buffer.from([text.length]), text]);
  });
  return strings.length ? Buffer.concat(strings) : Buffer.from([0]);
}

/** What a host says of itself, and it would be believed. */
export const properties = (more = {}) => ({
  id: "0b7c43a8-2c1b-4c57-9c3e-0d6f8f0f7a01",
  session: "018f8a30-7a52-7cc1-a1a1-5a7c6f4d3e2f",
  name: "Forged",
  people: "3",
  admission: "pin",
  protocol: "1-1",
  key: "0123456789abcdef",
  ...more,
});

/** A whole announcement: where it is called what, and where it leads. */
export function announcement({ instance, id, port = 4747, address, data, ttl }) {
  // What the computer is called holds the id too.
  const host = id ? `hearth-${id.replaceAll("-", "").slice(0, 12)}` : instance;
  const service = name("_hearth", "_tcp.local");
  const own = name(instance, SERVICE);
  const machine = name(host, "local");
  const records = [
    record(service, 12, { flush: false, ttl }, own),
    record(own, 33, { ttl }, Buffer.concat([u16(0), u16(0), u16(port), machine])),
    record(own, 16, { ttl }, data),
    record(machine, 1, { ttl }, Buffer.from(address.split(".").map(Number))),
  ];
  return response(records.length, Buffer.concat(records));
}

/** A packet that says it holds so many answers. */
export function response(answers, body) {
  return Buffer.concat([u16(0), u16(0x8400), u16(0), u16(answers), u16(0), u16(0), body]);
}

/** Sends packets to everybody on a computer's network, from its address there. */
export async function send(computer, address, packets) {
  const { spawn } = await import("node:child_process");
  const [program, ...args] = [
    ...computer.inside,
    process.execPath,
    fileURLToPath(import.meta.url),
    address,
  ];
  const sender = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"] });
  for (const packet of packets) sender.stdin.write(`${packet.toString("base64")}\n`);
  sender.stdin.end();
  const [code] = await once(sender, "exit");
  if (code !== 0) throw new Error(`the sender ended with ${code}`);
}

/** Hears what is said on a computer's network, until `done` is true of all packets so far. */
export async function overhear(t, computer, address, done) {
  const { spawn } = await import("node:child_process");
  const [program, ...args] = [
    ...computer.inside,
    process.execPath,
    fileURLToPath(import.meta.url),
    address,
    "listen",
  ];
  const listener = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => listener.kill());
  const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const packets = [];
  const all = (async () => {
    while (!done(packets)) {
      const { value, done: ended } = await lines.next();
      if (ended) throw new Error("the listener ended");
      packets.push(Buffer.from(value, "base64"));
    }
    listener.kill();
    return packets;
  })();
  return { all };
}

async function main([address, mode]) {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.bind(mode === "listen" ? PORT : undefined);
  await once(socket, "listening");
  socket.addMembership(GROUP, address);
  socket.setMulticastInterface(address);
  if (mode === "listen") {
    socket.on("message", (packet) => console.log(packet.toString("base64")));
    console.log("listening");
    return;
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const packet = Buffer.from(line, "base64");
    await new Promise((sent) => socket.send(packet, PORT, GROUP, sent));
  }
  socket.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
