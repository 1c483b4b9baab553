/** Many callers, few questions. */

/**
 * Callers that wait at the same time share answers: while one question is under way, all who call get the answer
 * to the next. So each gets the answer to a question that was asked after it called, never an older one.
 */
export function shareQuestion<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | null = null;
  let next: Promise<Answer> | null = null;

  const askNow = (): Promise<Answer> => {
    const answer = ask();
    underWay = answer;
    const end = () => {
      if (underWay === answer) underWay = null;
    };
    answer.then(end, end);
    return answer;
  };
  const askNext = () => {
    next = null;
    return askNow();
  };
  return () => {
    if (!underWay) return askNow();
    next ??= underWay.then(askNext, askNext);
    return next;
  };
}
