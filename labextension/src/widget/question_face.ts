/** One question in the instructor's notebook: its text, its live chart, and what may be done with it. */
import { element, setText } from '../views/element';
import { setProse } from '../views/prose';
import { HiddenResults } from '../views/instructor/hidden_results';
import { QuestionActs } from '../views/instructor/question_acts';
import { SURE } from '../views/instructor/question_list';
import { publishObstacle, warningOf } from '../views/instructor/room';
import { StageBadge } from '../views/instructor/stage_badge';
import { TwoStep } from '../views/instructor/two_step';
import { Face } from './face';
import type { Model, QuestionState } from './model';
import { actsOf } from './panel_face';

export class QuestionFace extends Face<QuestionState> {
  private readonly badge = new StageBadge();
  private readonly text = element('div', { class: 'lp-prose lp-question-text' });
  private readonly chart = new HiddenResults();
  private readonly publish: TwoStep;
  private readonly acts: QuestionActs;
  private readonly gone = element('p', { class: 'lp-nothing', role: 'status' });
  private id = '';
  private html = '';

  constructor(model: Model) {
    super(model);
    this.element.classList.add('lp-widget-question');
    this.publish = new TwoStep(() => {
      this.presses.press('publish', this.id);
    });
    this.acts = new QuestionActs(actsOf(this.presses));
    this.acts.element.prepend(this.publish.button);
    this.compose(
      element(
        'section',
        { class: 'lp-question-card', 'aria-label': 'Question' },
        this.badge.element,
        this.text,
        this.chart.element,
        this.acts.element,
        this.publish.warning,
        this.gone
      )
    );
  }

  protected show({ question, results, running, isDeleted = false }: QuestionState): void {
    this.id = question.id;
    if (question.html !== this.html) {
      this.html = question.html;
      setProse(this.text, question.html, question.text);
    }
    this.badge.update(question);
    this.chart.update({ question, results });
    this.publish.update({
      label: question.round > 0 ? 'Ask again' : 'Publish',
      sure: SURE,
      warning: running ? warningOf(question, running) : null,
      obstacle: publishObstacle(question)
    });
    this.acts.update(question);
    this.acts.element.hidden = isDeleted;
    setText(this.gone, isDeleted ? 'This draft was deleted.' : '');
  }
}
