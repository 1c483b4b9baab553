/** `rotator.yaml` as a tired hand may leave it: it is accepted, or refused in lines that say where and quote no secret. */
import { readFileSync } from "node:fs";
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError } from "../../../src/core/errors.ts";
import { read } from "../../unit/config/sources.ts";
import { mustHideAll } from "../answers.ts";
import { mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { mustBe, statelessly, type Target } from "../target.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
/** A secret that somebody has written where it does not belong, and those that belong there. */
const CANARIES = ["pdl_live_apikey_CaNaRyInTheFile0123456789", "CaNaRy-of-the-environment-0123456789abcdef"];
const [MISPLACED = "", OF_ENVIRONMENT = ""] = CANARIES;
const SLOWEST_MS = 2_000;

const examples = [
  readFileSync(join(ROOT, "rotator.example.yaml"), "utf8"),
  ...globSync("docs/**/*.md", { cwd: ROOT })
    .toSorted()
    .flatMap((file) => [...readFileSync(join(ROOT, file), "utf8").matchAll(/^```yaml\n(keys:[^]*?)^```/gm)])
    .map(([, text = ""]) => text),
];
const NAMES = [...new Set(examples.join("\n").match(/[A-Za-z]+(?=:)/g))];
const REFERENCES = [
  ...new Set([...examples.join("\n").matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name)),
];
const WORDS = [
  ..."\n\t :-?[]{},#&*!|>'\"%@`$\\~=0".split(""),
  ...NAMES.map((name) => `${name}: `),
  "\n  ",
  "\n    - ",
  "<<: *a",
  "&a ",
  "*a",
  "!!binary ",
  "${HOME}",
  "${",
  "$${",
  "90d",
  "1e999",
  ".nan",
  "null",
  MISPLACED,
  `\${${MISPLACED}}`,
];
const env = Object.fromEntries(REFERENCES.map((name) => [name, `https://example.com/${OF_ENVIRONMENT}`]));

export const rotatorYaml: Target = {
  name: "rotator-yaml",
  mustOccur: ["accepted", "refused"],
  open: statelessly((random) => {
    const yaml = textFor(random);
    // Of the processor: the machine may have other work.
    const started = process.cpuUsage();
    const report = reportOn(yaml);
    const { user, system } = process.cpuUsage(started);
    const tookMs = (user + system) / 1_000;
    mustBe(tookMs < SLOWEST_MS, `it took ${tookMs} ms to read ${JSON.stringify(yaml)}`);
    if (report === null) return "accepted";
    mustHideAll(report, CANARIES);
    const [headline = "", ...lines] = report.split("\n");
    mustBe(/^the configuration has \d+ faults?:$/.test(headline), `odd headline: ${headline}`);
    for (const line of lines) mustBe(/^ {2}\S[^\p{Cc}]*: \S[^\p{Cc}]*$/u.test(line), `odd line: ${line}`);
    return "refused";
  }),
};

/** null: it was accepted. */
function reportOn(yaml: string): string | null {
  try {
    read({ yaml, env });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw new Error(`${String(error)} for ${JSON.stringify(yaml)}`, { cause: error });
  }
}

function textFor(random: Random): string {
  const example = random.pick(examples);
  switch (random.below(8)) {
    case 0:
      return random.text(300);
    case 1:
      return Array.from({ length: random.below(40) }, () => random.pick(WORDS)).join("");
    case 2:
      return example;
    // A line somewhere else, or twice.
    case 3: {
      const lines = example.split("\n");
      lines.splice(random.below(lines.length), random.below(2), random.pick(lines));
      return lines.join("\n");
    }
    // A secret in the place of some value.
    case 4: {
      const values = [...example.matchAll(/: ([^\n{[]+)$/gm)];
      const at = values.length > 0 ? random.pick(values).index : 0;
      return `${example.slice(0, at)}: ${MISPLACED}${example.slice(example.indexOf("\n", at))}`;
    }
    default:
      return mutateText(random, example, WORDS);
  }
}
