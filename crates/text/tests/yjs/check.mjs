import * as Y from "yjs";

function bodyOf(updates, inOrder = []) {
  const doc = new Y.Doc();
  updates.forEach((update) => Y.applyUpdate(doc, update));
  // Out of order, Yjs may go on waiting although all has come; in order it does not.
  if (doc.store.pendingStructs) inOrder.forEach((update) => Y.applyUpdate(doc, update));
  if (doc.store.pendingStructs || doc.store.pendingDs) throw new Error("something is pending");
  return doc.getText("body").toString();
}

/** Sees to it that everybody and every way to read the log has one text. */
export function check(random, facts, clients) {
  const body = bodyOf(facts);
  const same = (other, what) => {
    if (other !== body) {
      throw new Error(
        `${what} has another text:\n${JSON.stringify(other)}\n${JSON.stringify(body)}`,
      );
    }
  };
  clients.forEach((client) => same(client.text.toString(), `client ${client.doc.clientID}`));
  same(bodyOf(random.shuffled(facts), facts), "the shuffled log");
  same(bodyOf([...facts].reverse(), facts), "the reversed log");
  if (facts.length > 0) {
    same(bodyOf([Y.mergeUpdates(facts)]), "the merged log");
    same(bodyOf([Y.mergeUpdates(random.shuffled(facts))]), "the shuffled and merged log");
  }
  return body;
}
