/** How the class gets in: the code, the link, and a QR code that fills the screen when it is clicked. */
import { webAddress } from '../address';
import { button } from './button';
import { element, setAttribute, setText } from '../element';
import type { View } from '../view';
import { isOver } from './room';
import type { InstructorRoom } from './room';

type Joining = Pick<InstructorRoom, 'code' | 'joinUrl' | 'joinNotice' | 'qrSvg' | 'link'>;

/** Milliseconds for which the button says that the link was copied. */
const SAID_MS = 2_000;

/** Characters of a QR code's SVG at most; those of our server have some thousands. */
const MOST_OF_A_PICTURE = 200_000;

export class JoinCard implements View<Joining> {
  readonly element: HTMLElement;
  private readonly code = element('b', { class: 'lp-code' });
  private readonly link = element('a', {
    class: 'lp-join-link',
    target: '_blank',
    rel: 'noopener noreferrer'
  });
  /** Why phones may not reach the link, read out when it changes. */
  private readonly notice = element('p', { class: 'lp-join-notice', role: 'status' });
  private readonly copy = button('Copy link', () => {
    void this.copyLink();
  });
  private readonly small = element('img', { alt: '' });
  private readonly large = element('img', { alt: 'QR code of the join link' });
  private readonly dialogText = element('p', { class: 'lp-qr-text' });
  private readonly dialog: HTMLDialogElement;
  private readonly enlarge: HTMLElement;
  private qrSvg: string | null = null;

  constructor() {
    this.dialog = this.buildDialog();
    this.enlarge = element(
      'button',
      { type: 'button', class: 'lp-qr', 'aria-label': 'Show the QR code large' },
      this.small
    );
    this.enlarge.addEventListener('click', () => {
      this.dialog.showModal();
    });
    const ways = element(
      'div',
      { class: 'lp-join-ways' },
      element('span', { class: 'lp-join-label' }, 'Join with the code'),
      this.code,
      this.copy
    );
    this.element = element(
      'section',
      { class: 'lp-join', 'aria-label': 'How to join' },
      this.enlarge,
      ways,
      this.link,
      this.notice,
      this.dialog
    );
  }

  update(room: Joining): void {
    const { code, joinUrl, joinNotice = null, qrSvg } = room;
    this.element.hidden = isOver(room);
    if ((this.element.hidden || qrSvg === '') && this.dialog.open) {
      this.dialog.close();
    }
    setText(this.code, code);
    const address = webAddress(joinUrl);
    const shown = address === null ? '' : withoutScheme(address);
    setText(this.link, shown);
    setAttribute(this.link, 'href', address);
    setText(this.dialogText, shown);
    this.copy.hidden = address === null;
    this.notice.hidden = !joinNotice;
    setText(this.notice, joinNotice ?? '');
    if (qrSvg !== this.qrSvg) {
      this.qrSvg = qrSvg;
      this.showPicture(address === null ? '' : qrSvg);
    }
  }

  /** In an `img` an SVG runs no script and loads nothing, whoever drew it. */
  private showPicture(svg: string): void {
    const isShown = svg !== '' && svg.length <= MOST_OF_A_PICTURE;
    this.enlarge.hidden = !isShown;
    const source = isShown ? `data:image/svg+xml,${encodeURIComponent(svg)}` : null;
    setAttribute(this.small, 'src', source);
    setAttribute(this.large, 'src', source);
  }

  private buildDialog(): HTMLDialogElement {
    const close = button('Back', () => {
      this.dialog.close();
    });
    const dialog = element(
      'dialog',
      { class: 'lp-qr-dialog', 'aria-label': 'Join' },
      this.large,
      this.dialogText,
      close
    );
    dialog.addEventListener('click', event => {
      if (event.target === dialog) {
        dialog.close();
      }
    });
    return dialog;
  }

  private async copyLink(): Promise<void> {
    // On plain HTTP, from another machine, a browser has no clipboard for pages at all.
    const said = await Promise.resolve()
      .then(() => navigator.clipboard.writeText(this.link.href))
      .then(
        () => 'Copied',
        () => 'Copying is not allowed here'
      );
    setText(this.copy, said);
    setTimeout(() => {
      setText(this.copy, 'Copy link');
    }, SAID_MS);
  }
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '');
}
