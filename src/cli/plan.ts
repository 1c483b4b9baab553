/** `plan`: what will happen to each key and when, as the running service sees it. */
import type { Config } from "../config/config.ts";
import { formatDuration } from "../core/duration.ts";
import { Plan } from "../overview/plan.ts";
import type { Case, Outage } from "../overview/plan-cases.ts";
import { type Answer, UsageError } from "./answer.ts";
import { askService } from "./service.ts";

type KeyPlan = Plan["keys"][number];

/** @param name empty: every key */
export async function plan(config: Config, name: string): Promise<Answer> {
  const json = await askService(config, "GET", "/api/plan");
  const { at, keys } = Plan.parse(json);
  if (name === "") return { ok: true, text: keys.map(linesOf).join("\n\n"), json };
  const key = keys.find((candidate) => candidate.name === name);
  if (!key)
    throw new UsageError(`no key is named ${name}; there are: ${keys.map((known) => known.name).join(", ")}`);
  return { ok: true, text: linesOf(key), json: { at, keys: [key] } };
}

function linesOf({ name, keyId, next, rotation, exposure, death }: KeyPlan): string {
  return [
    `${name}${keyId === null ? "" : ` (${keyId})`}${next.what === "waits-for-person" ? " NEEDS YOU" : ""}`,
    `  next           ${next.says}`,
    ...linesOfCase("rotation", rotation),
    ...linesOfCase("if it leaks", exposure),
    ...linesOfCase("if it dies", death),
  ].join("\n");
}

function linesOfCase(title: string, { does, outage }: Case): string[] {
  return [
    `  ${title.padEnd(13)}  ${does}`,
    `${" ".repeat(17)}worst outage: ${inWords(outage)}. ${outage.why}`,
  ];
}

function inWords({ kind, seconds }: Outage): string {
  switch (kind) {
    case "none":
      return "none";
    case "at-most":
      return `${formatDuration((seconds ?? 0) * 1000)} at most`;
    case "until-a-person-acts":
      return "until a person acts";
    case "unknown":
      return "not known";
    default:
      return kind satisfies never;
  }
}
