/** One question in the instructor's notebook: its text, its live chart, and what may be done with it. */
import { ChartView } from '../views/chart';
import { element, setText } from '../views/element';
import { setProse } from '../views/prose';
import { button, setObstacle } from '../views/instructor/button';
import { QuestionActs } from '../views/instructor/question_acts';
import { publishObstacle, resultsFor } from '../views/instructor/room';
import { StageBadge } from '../views/instructor/stage_badge';
import { Face } from './face';
import type { Model, QuestionState } from './model';
import { actsOf } from './panel_face';

export class QuestionFace extends Face<QuestionState> {
  private readonly badge = new StageBadge();
  private readonly text = element('div', { class: 'lp-prose lp-question-text' });
  private readonly chart = new ChartView();
  private readonly publish: HTMLButtonElement;
  private readonly acts: QuestionActs;
  private id = '';
  private html = '';

  constructor(model: Model) {
    super(model);
    this.element.classList.add('lp-widget-question');
    this.publish = button('Publish', () => {
      this.presses.press('publish', this.id);
    });
    this.acts = new QuestionActs(actsOf(this.presses));
    this.acts.element.prepend(this.publish);
    this.compose(
      element(
        'section',
        { class: 'lp-question-card', 'aria-label': 'Question' },
        this.badge.element,
        this.text,
        this.chart.element,
        this.acts.element
      )
    );
  }

  protected show({ question, results }: QuestionState): void {
    this.id = question.id;
    if (question.html !== this.html) {
      this.html = question.html;
      setProse(this.text, question.html);
    }
    this.badge.update(question);
    const correct = question.is_revealed ? question.correct : null;
    this.chart.update({ question, results: resultsFor(question, results), correct });
    setText(this.publish, question.round > 0 ? 'Ask again' : 'Publish');
    setObstacle(this.publish, publishObstacle(question));
    this.acts.update(question);
  }
}
