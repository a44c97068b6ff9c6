/** A small choice that outlives the page, on this device only. */
export interface Remembered<T> {
  read(): T;
  write(value: T): void;
}

/**
 * What stands under `key` in this device's storage, or `fallback`. Storage can be missing or
 * full (private windows); a choice is then simply not remembered.
 */
export function remembered<T>(key: string, fallback: T): Remembered<T> {
  const place = `hearth.${key}`;
  return {
    read() {
      try {
        const text = globalThis.localStorage?.getItem(place);
        return text ? (JSON.parse(text) as T) : fallback;
      } catch {
        return fallback;
      }
    },
    write(value) {
      try {
        globalThis.localStorage?.setItem(place, JSON.stringify(value));
      } catch {
        // Nothing is lost but the convenience.
      }
    },
  };
}
