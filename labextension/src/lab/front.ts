/** Which notebook or console is in front in JupyterLab's main area, and which kernel it has. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';

/** What is in front: the name on its tab, and the id of its kernel. */
export interface Front {
  readonly name: string;
  readonly kernel: string;
}

/** Call `tell` at once, and again whenever another document, or another kernel of the same one, comes to the front. */
export function followFront(
  shell: Pick<JupyterFrontEnd.IShell, 'currentWidget' | 'currentChanged'>,
  tell: (front: Front | null) => void
): void {
  let followed: ISessionContext | null = null;
  const look = () => {
    const session = sessionOf(shell.currentWidget);
    if (session !== followed) {
      followed?.kernelChanged.disconnect(look);
      session?.kernelChanged.connect(look);
      followed = session;
    }
    const kernel = session?.session?.kernel?.id;
    tell(kernel === undefined ? null : { name: shell.currentWidget?.title.label ?? '', kernel });
  };
  shell.currentChanged?.connect(look);
  look();
}

/** A notebook, a console or whatever else runs a kernel has its session here. */
function sessionOf(widget: Widget | null): ISessionContext | null {
  const { sessionContext } = (widget ?? {}) as { sessionContext?: ISessionContext };
  return sessionContext ?? null;
}
