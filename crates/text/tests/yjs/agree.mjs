// Makes texts from updates, and says which of them are others than they should be. Reads a line of
// JSON for each text and writes the names of those that disagree.

import { createInterface } from "node:readline";
import * as Y from "yjs";

const disagreements = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { name, updates, body } = JSON.parse(line);
  const bytes = updates.map((update) => Buffer.from(update, "base64"));
  const read = [bytes, [Y.mergeUpdates(bytes)]].map(text);
  if (read.some((text) => text !== body)) {
    disagreements.push(`${name}: ${JSON.stringify([body, ...read])}`);
  }
}
process.stdout.write(JSON.stringify(disagreements));

function text(updates) {
  const doc = new Y.Doc();
  updates.forEach((update) => Y.applyUpdate(doc, update));
  const { pendingStructs, pendingDs } = doc.store;
  return pendingStructs || pendingDs ? "something is pending" : doc.getText("body").toString();
}
