import { assertNever } from '../../base/errors.ts';
import type { OptimizationEvent } from '../../optimizer/optimizer.ts';
import { counted, oneLine, score } from '../../report/numbers.ts';

/** A decision of a search in one line. */
export function renderEvent(event: OptimizationEvent): string {
  switch (event.type) {
    case 'phase-started':
      return event.note === undefined ? event.phase : `${event.phase}: ${oneLine(event.note, 90)}`;
    case 'candidate-proposed':
      return `proposed ${event.candidate.slice(0, 8)}: ${oneLine(event.origin, 80)}`;
    case 'candidate-rejected':
      return `rejected ${oneLine(event.origin, 40)}: ${oneLine(event.reason, 60)}`;
    case 'candidate-evaluated':
      return `scored ${event.candidate.slice(0, 8)}: ${score(event.mean)} on ${counted(event.rows, `${event.split} row`)}`;
    case 'candidate-eliminated':
      return `dropped ${event.candidate.slice(0, 8)}: ${score(event.mean)} on ${counted(event.rows, 'row')}`;
    case 'candidate-accepted':
      return `best so far ${event.candidate.slice(0, 8)}: ${score(event.mean)}, ${oneLine(event.note, 70)}`;
    case 'reflected':
      return `asked ${oneLine(event.label, 40)}: ${reflectedText(event)}`;
    case 'budget-exhausted':
      return `the ${event.reason === 'cost' ? 'dollar' : event.reason} limit of the search is reached; the proof follows`;
    case 'notice':
      return `note: ${oneLine(event.message, 200)}`;
    case 'confirmation':
      return `confirmed on ${counted(event.rows, 'validation row')}: ${event.candidates.map(({ candidate, mean }) => `${candidate.slice(0, 8)} ${score(mean)}`).join(', ')}`;
    case 'test-evaluated':
      return `sealed test: ${event.role.replace('-', ' ')} answered ${counted(event.rows, 'row')}`;
    case 'finished':
      return `finished: ${event.verdict.replaceAll('-', ' ')}`;
    default:
      return assertNever(event);
  }
}

function reflectedText({
  answered,
  unreadable,
  lost,
}: OptimizationEvent & { readonly type: 'reflected' }): string {
  const parts = [
    counted(answered, 'answer'),
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ];
  return parts.join(', ');
}

/** Whether a decision is told without --verbose. */
export function isNews(event: OptimizationEvent): boolean {
  return (
    event.type !== 'candidate-proposed' &&
    event.type !== 'candidate-rejected' &&
    event.type !== 'candidate-evaluated' &&
    event.type !== 'candidate-eliminated' &&
    (event.type !== 'reflected' || event.answered === 0) &&
    event.type !== 'finished'
  );
}
