/** The sidebar: choose a room, run it. It shows the model and hands every act to it. */
import { Poll } from '@lumino/polling';
import { Widget } from '@lumino/widgets';
import type { Message } from '@lumino/messaging';

import { button } from '../views/instructor/button';
import type { Acts } from '../views/instructor/room';
import { RoomView } from '../views/instructor/room_view';
import { element, setText } from '../views/element';
import type { RoomModel } from './model';
import { RoomPicker } from './room_picker';

/** Milliseconds between two looks for rooms that a notebook has opened, while the panel is to be seen. */
const LOOK_EVERY_MS = 5_000;

/** What the panel asks of the plugin: to run an act and show its refusal, and to open a room. */
export interface Deeds {
  readonly run: (act: Promise<void>) => void;
  readonly newRoom: () => void;
}

export class RoomPanel extends Widget {
  private readonly picker: RoomPicker;
  private readonly room: RoomView;
  private readonly empty: HTMLElement;
  private readonly problem = element('p', { class: 'lp-lab-problem', role: 'alert' });
  private readonly notice = element('p', { class: 'lp-lab-notice', role: 'status' });
  private readonly poll: Poll;

  constructor(
    private readonly model: RoomModel,
    deeds: Deeds
  ) {
    super();
    this.addClass('lp-lab-panel');
    this.addClass('lp-jupyter');
    this.picker = new RoomPicker(code => {
      deeds.run(model.choose(code));
    }, deeds.newRoom);
    this.room = new RoomView(actsOf(model, deeds), () => {
      model.retry();
    });
    this.empty = nothingOpen(deeds.newRoom);
    this.node.append(this.picker.element, this.notice, this.problem, this.empty, this.room.element);
    model.changed.connect(this.follow);
    this.poll = new Poll({
      auto: false,
      factory: () => this.model.refresh(),
      frequency: { interval: LOOK_EVERY_MS, backoff: true, max: 12 * LOOK_EVERY_MS },
      name: 'livepoll-jupyter:rooms',
      standby: () => !this.isVisible || document.hidden
    });
    this.follow();
  }

  override dispose(): void {
    this.poll.dispose();
    this.model.changed.disconnect(this.follow);
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.poll.refresh();
  }

  private readonly follow = (): void => {
    const { rooms, shown, problem, notice } = this.model;
    this.picker.update({ rooms, code: shown?.code ?? null });
    this.picker.element.hidden = rooms.length === 0;
    this.problem.hidden = problem === null;
    setText(this.problem, problem ?? '');
    setText(this.notice, notice ?? '');
    this.empty.hidden = shown !== null || problem !== null;
    this.room.element.hidden = shown === null;
    if (shown !== null) {
      this.room.update(shown);
    }
  };
}

function actsOf(model: RoomModel, { run }: Deeds): Acts {
  return {
    publish: id => {
      run(model.publish(id));
    },
    setLock: (id, isLocked) => {
      run(model.setLock(id, isLocked));
    },
    reveal: id => {
      run(model.reveal(id));
    },
    close: id => {
      run(model.close(id));
    },
    delete: id => {
      run(model.deleteDraft(id));
    }
  };
}

function nothingOpen(newRoom: () => void): HTMLElement {
  return element(
    'section',
    { class: 'lp-lab-empty', 'aria-label': 'No room is open' },
    element('h2', {}, 'No room is open'),
    element('p', {}, 'A room is where your class answers. Open one from a notebook:'),
    element(
      'pre',
      {},
      'from livepoll_jupyter import LivePoll\n\npoll = LivePoll("Statistics 101")'
    ),
    element(
      'p',
      {},
      'It appears here by itself. Or open one now, and fill it from the notebook later:'
    ),
    button('New room…', newRoom)
  );
}
