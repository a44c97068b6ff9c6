// Many calls of one client on their way at once.

/** A host that answers nothing for this long answers nothing any more. */
const SILENCE_MS = 30_000;

/**
 * Sends `calls`, each `{name, payload, answered}`, keeping `outstanding` of them on the way.
 * `answered` is given each answer; fails when answers come in another order than the calls went.
 */
export function pipeline(client, calls, outstanding) {
  const { socket } = client;
  return new Promise((resolve, reject) => {
    const iterator = calls[Symbol.iterator]();
    let [sent, answered, ended] = [0, 0, false];
    let timer;
    const finish = (end, value) => {
      clearTimeout(timer);
      socket.off("disconnect", cut);
      end(value);
    };
    const cut = (reason) => finish(reject, new Error(`disconnected: ${reason}`));
    const watch = () => {
      clearTimeout(timer);
      const silent = new Error(`no answer after ${answered} of ${sent}`);
      timer = setTimeout(() => finish(reject, silent), SILENCE_MS);
    };
    const take = (number, call, answer) => {
      try {
        if (number !== answered) throw new Error(`answer ${number} came where ${answered} was due`);
        answered += 1;
        watch();
        call.answered(answer);
        send();
      } catch (error) {
        finish(reject, error);
      }
    };
    const send = () => {
      while (!ended && sent - answered < outstanding) {
        const { done, value: call } = iterator.next();
        ended = done;
        if (done) break;
        const number = sent++;
        socket.emit(call.name, call.payload, (answer) => take(number, call, answer));
      }
      if (ended && answered === sent) finish(resolve, sent);
    };
    socket.on("disconnect", cut);
    watch();
    send();
  });
}
