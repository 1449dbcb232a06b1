/** The line that says how one's answer stands. */
import { element } from './element';
import { icon } from './icons';
import type { Standing } from './standing';
import type { View } from './view';

/** One line with an icon. It does not speak: what is said aloud is decided in one place for the whole page. */
export class StandingLine implements View<Standing> {
  readonly element = element('p', { class: 'lp-standing' });
  private text = '';

  update({ tone, icon: name, text }: Standing): void {
    if (text !== this.text) {
      this.text = text;
      this.element.className = `lp-standing lp-tone-${tone}`;
      this.element.replaceChildren(icon(name), element('span', {}, text));
    }
  }
}
