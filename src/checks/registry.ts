/**
 * Every kind of check there is. Another one takes a file of its own and one line here. What a kind needs is imported
 * only where a check of that kind is configured.
 */
import type { Check } from "../core/check.ts";
import type { Clock } from "../core/ports.ts";
import type { CommandOptions } from "./command.ts";
import type { HttpOptions } from "./http.ts";
import type { PrometheusOptions } from "./prometheus.ts";

/** What a check may need besides its configuration. */
export type CheckNeeds = {
  readonly keyName: string;
  readonly clock: Clock;
  /** Of this process; commands are given its PATH and LANG, and what their configuration names. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

const CHECKS = {
  http: async (options: HttpOptions, needs: CheckNeeds) =>
    (await import("./http.ts")).httpCheck(options, needs),
  prometheus: async (options: PrometheusOptions, needs: CheckNeeds) =>
    (await import("./prometheus.ts")).prometheusCheck(options, needs),
  command: async (options: CommandOptions, needs: CheckNeeds) =>
    (await import("./command.ts")).commandCheck(options, needs),
} satisfies Record<string, (options: never, needs: CheckNeeds) => Promise<Check>>;

type CheckType = keyof typeof CHECKS;
type Options = { readonly [Type in CheckType]: Parameters<(typeof CHECKS)[Type]>[0] };
type Factories = {
  readonly [Type in CheckType]: (options: Options[Type], needs: CheckNeeds) => Promise<Check>;
};

/** A check of a managed key, by the `type` of its configuration. Nothing is opened or asked yet. */
export function createCheck<Type extends CheckType>(
  config: { readonly type: Type } & Options[Type],
  needs: CheckNeeds,
): Promise<Check> {
  const factories: Factories = CHECKS;
  return factories[config.type](config, needs);
}
