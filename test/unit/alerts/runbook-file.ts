/** docs/runbook.md, made of the runbook's entries. Its headings are the anchors that alerts link to. */
import { CALLS_ELSEWHERE, CALLS_SAY } from "../../../src/alerts/runbook/calls.ts";
import { RUNBOOK, type RunbookEntry, type Step } from "../../../src/alerts/runbook.ts";

const INTRODUCTION = `# Runbook

You were woken. Look for the kind of the alert below: it is the last word of its runbook link, and in its headline with spaces for hyphens. Each entry says what is true now, what to do first, and what ends it. The running service has the same at \`/runbook\`.

- ${CALLS_SAY}
${CALLS_ELSEWHERE.map(({ where, call }) => `  - ${where}: \`${call}\``).join("\n")}
- \`<name>\` is the key's name in \`rotator.yaml\`; it is in the alert's headline.
- Pages are those of the admin listener (by default \`http://127.0.0.1:9090\`).
- In an alert about \`<name>-standby\`, the standby of \`<name>\` is meant. It has no page and no commands of its own: look at the page of \`<name>\`, and put a new key into the standby's place instead of handing one over.
- Whatever you do twice, does no harm the second time. A job never has to be restarted by hand.
- Nothing helps, and a leaked key lives? Revoke it in Paddle > Developer tools > Authentication. Applications fail; strangers do, too.
`;

export function runbookFile(): string {
  const sections = Map.groupBy(RUNBOOK, ({ section }) => section);
  const parts = [...sections].map(
    ([section, entries]) => `## ${section}\n\n${entries.map(entryOf).join("\n")}`,
  );
  return `${INTRODUCTION}\n${parts.join("\n")}`;
}

function entryOf({ kind, title, severities, meaning, actions, endsWhen }: RunbookEntry): string {
  const told = severities.length === 0 ? "" : ` (${severities.join(", ")})`;
  const todo =
    actions.length === 0
      ? "Nothing to do."
      : actions.map((step, index) => stepOf(step, index + 1)).join("\n");
  return `### ${kind}\n\n**${title}**${told}\n\n${meaning}\n\n${todo}\n\n_It ends:_ ${endsWhen}\n`;
}

function stepOf({ does, command, page }: Step, number: number): string {
  const where = page === undefined ? "" : ` Page: \`${page}\`.`;
  const typed = command === undefined ? "" : `\n   \`\`\`sh\n   ${command}\n   \`\`\``;
  return `${number}. ${does}${where}${typed}`;
}
