import { explain } from './explain';
import { Refusal } from './refusal';

export interface Toast {
  key: number;
  text: string;
  mood: 'info' | 'bad';
  action?: { label: string; run: () => void };
}

/** Time to read a sentence and reach a button. */
const STAYS_MS = 7_000;
const MOST = 3;

/** Short notices about what was just done. What must not be overlooked is no toast. */
class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #count = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, options: Partial<Pick<Toast, 'mood' | 'action'>> = {}) {
    const toast: Toast = { key: ++this.#count, text, mood: 'info', ...options };
    this.list = [...this.list, toast].slice(-MOST);
    this.resume(toast.key);
  }

  dismiss(key: number) {
    this.pause(key);
    this.list = this.list.filter((toast) => toast.key !== key);
  }

  /** Somebody reads it: it stays. */
  pause(key: number) {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  resume(key: number) {
    this.pause(key);
    this.#timers.set(
      key,
      setTimeout(() => this.dismiss(key), STAYS_MS),
    );
  }

  /** What `doing` gives, or null after saying why it failed; `away`: in these words without the host. */
  async attempt<T>(doing: Promise<T>, away?: string): Promise<T | null> {
    try {
      return await doing;
    } catch (thrown) {
      if (away && Refusal.from(thrown).code === 'offline') this.show(away);
      else this.show(explain(thrown), { mood: 'bad' });
      return null;
    }
  }
}

export const toasts = new Toasts();
