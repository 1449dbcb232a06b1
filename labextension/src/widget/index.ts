/** The ESM that the notebook widgets load: one file, and the Python side says which of the three faces it shows. */
import type { Model, Traits } from './model';
import { PanelFace } from './panel_face';
import { QuestionFace } from './question_face';
import { SeatFace } from './seat_face';
import { followPatches, look } from './state_patch';
import './widget.css';

type Mounted = Pick<PanelFace, 'element' | 'dispose'>;

const FACES: Readonly<Record<Traits['_face'], new (model: Model) => Mounted>> = {
  panel: PanelFace,
  question: QuestionFace,
  seat: SeatFace
};

function initialize({ model }: { model: Model }): () => void {
  return followPatches(model);
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const face = new FACES[model.get('_face')](model);
  el.append(face.element);
  look(model);
  return () => {
    face.dispose();
  };
}

export default { initialize, render };
