/** The instructor's panel: the shared room, with the kernel to carry out what is pressed. */
import type { Link } from '../client/connection';
import type { Acts } from '../views/instructor/room';
import { RoomView } from '../views/instructor/room_view';
import { Face } from './face';
import type { Model, PanelState } from './model';
import type { Presses } from './presses';

/** The acts of a room as presses. */
export function actsOf(presses: Presses): Acts {
  return {
    publish: id => {
      presses.press('publish', id);
    },
    setLock: (id, isLocked) => {
      presses.press(isLocked ? 'lock' : 'unlock', id);
    },
    reveal: id => {
      presses.press('reveal', id);
    },
    close: id => {
      presses.press('close', id);
    },
    delete: id => {
      presses.press('delete', id);
    }
  };
}

export class PanelFace extends Face<PanelState> {
  private readonly room: RoomView;

  constructor(model: Model) {
    super(model);
    this.element.classList.add('lp-widget-panel');
    this.room = new RoomView(actsOf(this.presses), () => {
      this.presses.press('reconnect');
    });
    this.besides = ({ trouble }, refusal) => refusal.replace(trouble ?? '', '').trim() || null;
    this.compose(this.room.element);
  }

  protected show(
    { questions, results, trouble = null, joinNotice = null }: PanelState,
    link: Link
  ): void {
    this.room.update({
      title: this.model.get('title'),
      code: this.model.get('code'),
      joinUrl: this.model.get('join_url'),
      joinNotice,
      qrSvg: this.model.get('_qr_svg'),
      participants: this.model.get('participants'),
      questions,
      results,
      trouble,
      link
    });
  }
}
