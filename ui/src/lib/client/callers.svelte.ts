import type { Achtung, Knock, Request } from '../protocol';

/** A request of somebody to this person, and the way to answer it. */
export interface Asked extends Request {
  answer(value: string): void;
}

/** An announcement of the host. */
export interface Announcement extends Achtung {
  key: number;
}

/** By then the host has told who asked that nobody answered. */
const LAPSES_MS = 60_000;

/** Who wants something of this person: requests, announcements, people at the door. */
export class Callers {
  requests = $state.raw<readonly Asked[]>([]);
  announcements = $state.raw<readonly Announcement[]>([]);
  knocks = $state.raw<readonly Knock[]>([]);
  #count = 0;

  ask(request: Request, answer: (value: string) => void) {
    if (this.requests.some((other) => other.ask === request.ask)) return;
    const forget = () => {
      clearTimeout(lapse);
      this.requests = this.requests.filter((other) => other.ask !== request.ask);
    };
    const lapse = setTimeout(forget, LAPSES_MS);
    const asked: Asked = {
      ...request,
      answer: (value) => {
        forget();
        answer(value);
      },
    };
    this.requests = [...this.requests, asked];
  }

  announce(achtung: Achtung) {
    this.announcements = [...this.announcements, { ...achtung, key: ++this.#count }];
  }

  dismiss(key: number) {
    this.announcements = this.announcements.filter((other) => other.key !== key);
  }

  knock(knock: Knock) {
    const isSame = (other: Knock) => other.knock === knock.knock;
    if (knock.state !== 'waiting') this.knocks = this.knocks.filter((other) => !isSame(other));
    // Told again when their digits are known; whoever waits keeps their place.
    else if (this.knocks.some(isSame))
      this.knocks = this.knocks.map((other) => (isSame(other) ? knock : other));
    else this.knocks = [...this.knocks, knock];
  }

  /** Everybody who waits, as the host lists them. */
  setKnocks(knocks: Knock[]) {
    this.knocks = knocks.filter((knock) => knock.state === 'waiting');
  }
}
