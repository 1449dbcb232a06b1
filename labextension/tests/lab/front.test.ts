import { Signal } from '@lumino/signaling';
import { expect, it } from 'vitest';

import { followFront } from '../../src/lab/front';
import type { Front } from '../../src/lab/front';

/** A document as JupyterLab's shell has it. */
class Document {
  readonly title;
  readonly sessionContext;
  private readonly kernelChanged = new Signal<this, undefined>(this);

  constructor(label: string, kernel: string | null) {
    this.title = { label };
    this.sessionContext = {
      session: { kernel: kernel === null ? null : { id: kernel } },
      kernelChanged: this.kernelChanged
    };
  }

  start(kernel: string): void {
    this.sessionContext.session.kernel = { id: kernel };
    this.kernelChanged.emit(undefined);
  }
}

class Shell {
  currentWidget: unknown = null;
  readonly currentChanged = new Signal<this, undefined>(this);

  show(widget: unknown): void {
    this.currentWidget = widget;
    this.currentChanged.emit(undefined);
  }
}

it('tells the kernel in front whenever another document or kernel comes to the front', () => {
  const shell = new Shell();
  const told: (string | null)[] = [];
  followFront(shell as never, (front: Front | null) => {
    told.push(front && `${front.name}: ${front.kernel}`);
  });
  const [late, other] = [new Document('late.ipynb', null), new Document('b.ipynb', 'kernel-b')];
  shell.show(late);
  late.start('kernel-a');
  shell.show(other);
  late.start('kernel-c');
  shell.show({ title: { label: 'Launcher' } });
  expect(told).toEqual([null, null, 'late.ipynb: kernel-a', 'b.ipynb: kernel-b', null]);
});
