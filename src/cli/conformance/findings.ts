/** What was answered, and whether the rotator is right to assume what it does. */
import { type Question, type QuestionId, QUESTIONS } from "./questions.ts";

export type Finding = {
  readonly id: QuestionId;
  readonly section: Question["section"];
  readonly question: string;
  /** null: it was not asked. */
  readonly answer: string | null;
  /** null: nothing is assumed. */
  readonly assumed: string | null;
  /** null: nothing is assumed, or there is no answer. */
  readonly agrees: boolean | null;
  /** What it means if the assumption is wrong; null: the rotator does not rely on it. */
  readonly unlessSo: string | null;
};

const IDS = Object.keys(QUESTIONS) as QuestionId[];

export class Findings {
  readonly #answers = new Map<
    QuestionId,
    { readonly answer: string | null; readonly agrees: boolean | null }
  >();

  /** @param agrees left out: whether the answer is what is assumed, word for word */
  note(id: QuestionId, answer: string, agrees?: boolean): void {
    const { assumed }: Question = QUESTIONS[id];
    this.#answers.set(id, { answer, agrees: assumed === null ? null : (agrees ?? answer === assumed) });
  }

  yesNo(id: QuestionId, isSo: boolean, detail = ""): void {
    this.note(id, `${isSo ? "yes" : "no"}${detail}`, isSo);
  }

  /** In the order of the questions, those without an answer, too. */
  get all(): readonly Finding[] {
    return IDS.map((id) => {
      const { section, asks, assumed, unlessSo }: Question = QUESTIONS[id];
      const { answer = null, agrees = null } = this.#answers.get(id) ?? {};
      return { id, section, question: asks, answer, assumed, agrees, unlessSo: unlessSo ?? null };
    });
  }
}

/** Assumptions that the rotator relies on and that are wrong here. */
export function broken(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ agrees, unlessSo }) => agrees === false && unlessSo !== null);
}

export function linesOf(findings: readonly Finding[]): string[] {
  return findings.flatMap((finding) => {
    const { question, answer, assumed, agrees, unlessSo } = finding;
    const lines = [`${mark(finding)} ${question} ${answer ?? "not asked"}`];
    if (agrees !== false) return lines;
    lines.push(`        assumed: ${assumed}`);
    if (unlessSo !== null) lines.push(`        which means: ${unlessSo}`);
    return lines;
  });
}

/** `found`: nothing is assumed. `differs`: the rotator does not rely on it. */
function mark({ answer, agrees, unlessSo }: Finding): string {
  if (answer === null) return "-      ";
  if (agrees === null) return "found  ";
  if (agrees) return "ok     ";
  return unlessSo === null ? "differs" : "WRONG  ";
}
