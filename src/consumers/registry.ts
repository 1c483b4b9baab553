/**
 * Every kind of consumer there is. Another one takes a file of its own and one line here. What a kind needs is
 * imported only where a consumer of that kind is configured.
 */
import type { Attestations } from "../core/attestation.ts";
import type { Consumer } from "../core/consumer.ts";
import type { Clock, Records } from "../core/ports.ts";
import type { CommandOptions } from "./command/consumer.ts";
import type { EcsOptions } from "./ecs/consumer.ts";
import type { HttpOptions } from "./http/consumer.ts";
import type { KubernetesOptions } from "./kubernetes/consumer.ts";
import type { NoneOptions } from "./none.ts";

/** What a consumer may need besides its configuration. */
export type ConsumerNeeds = {
  readonly clock: Clock;
  /** As Math.random. */
  readonly random: () => number;
  readonly records: Pick<Records, "get" | "putIfAbsent">;
  readonly attestations: Attestations;
  /** Of this process; commands are given its PATH and LANG. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

const CONSUMERS = {
  http: async (options: HttpOptions, needs: ConsumerNeeds) =>
    (await import("./http/consumer.ts")).httpConsumer(options, needs),
  command: async (options: CommandOptions, needs: ConsumerNeeds) =>
    (await import("./command/consumer.ts")).commandConsumer(options, needs),
  kubernetes: async (options: KubernetesOptions, needs: ConsumerNeeds) =>
    (await import("./kubernetes/consumer.ts")).kubernetesConsumer(options, needs),
  ecs: async (options: EcsOptions, needs: ConsumerNeeds) =>
    (await import("./ecs/consumer.ts")).ecsConsumer(options, needs),
  none: async (options: NoneOptions) => (await import("./none.ts")).noneConsumer(options),
} satisfies Record<string, (options: never, needs: ConsumerNeeds) => Promise<Consumer>>;

type ConsumerType = keyof typeof CONSUMERS;
type Options = { readonly [Type in ConsumerType]: Parameters<(typeof CONSUMERS)[Type]>[0] };
type Factories = {
  readonly [Type in ConsumerType]: (options: Options[Type], needs: ConsumerNeeds) => Promise<Consumer>;
};

/** An option of every kind. */
type Attesting = { readonly attest: { readonly expect: number } | null };

/** A consumer of a managed key, by the `type` of its configuration. Nothing is opened or asked yet. */
export async function createConsumer<Type extends ConsumerType>(
  config: { readonly type: Type } & Options[Type] & Attesting,
  needs: ConsumerNeeds,
): Promise<Consumer> {
  const factories: Factories = CONSUMERS;
  const consumer = await factories[config.type](config, needs);
  if (!config.attest) return consumer;
  const { attested } = await import("./attested.ts");
  return attested(consumer, { ...config.attest, attestations: needs.attestations });
}
