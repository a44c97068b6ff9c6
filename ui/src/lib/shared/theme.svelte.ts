import { remembered } from './remembered';

export type Theme = 'system' | 'light' | 'dark';

const choice = remembered<Theme>('theme', 'system');

/** Light or dark: the system's choice, followed live, unless the person chose. */
class Look {
  chosen = $state<Theme>(choice.read());

  choose(theme: Theme) {
    this.chosen = theme;
    choice.write(theme);
    this.apply();
  }

  /** Puts the choice on the page, and keeps it there as the system changes. */
  watch() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.apply());
    this.apply();
  }

  apply() {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    document.documentElement.dataset.theme =
      this.chosen === 'system' ? (dark ? 'dark' : 'light') : this.chosen;
  }
}

export const look = new Look();
