/** What a roll-out asks of ECS. Throws ConsumerError. */
import {
  DescribeServicesCommand,
  ECSClient,
  ListTasksCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { AwsClient, type ClientNeeds, type Request } from "../../aws/client.ts";
import { AwsFailure, toFailure } from "../../aws/failure.ts";
import type { ConsumerError } from "../../core/consumer.ts";
import { type Asked, missing, notOurs, toConsumerError, unreadable } from "./faults.ts";
import type { EcsPlace } from "./policy.ts";
import { readService, type Seen } from "./service.ts";

// As many as DescribeServices takes.
const SERVICES_PER_CALL = 10;
const NAMED_TASKS = 100;

export class Platform {
  readonly #consumer: string;
  readonly #place: EcsPlace;
  readonly #client: AwsClient<ECSClient>;

  constructor(consumer: string, place: EcsPlace, needs: ClientNeeds) {
    this.#consumer = consumer;
    this.#place = place;
    this.#client = new AwsClient(place, (configuration) => new ECSClient(configuration), needs);
  }

  /** Those that there are. `absent`: what is wrong with one that there should be. */
  async services(): Promise<{ found: readonly Seen[]; absent: ConsumerError | null }> {
    const { cluster, services: names } = this.#place;
    const found: Seen[] = [];
    for (let start = 0; start < names.length; start += SERVICES_PER_CALL) {
      const services = names.slice(start, start + SERVICES_PER_CALL);
      const answer = await this.#ask(
        { operation: "DescribeServices", service: null },
        "always",
        (client, options) => client.send(new DescribeServicesCommand({ cluster, services }), options),
      );
      const seen = this.#readable("DescribeServices", () => (answer.services ?? []).map(readService));
      found.push(...seen.filter((service) => service !== null));
    }
    const absent = names.find((name) => !found.some((service) => service.name === name));
    const foreign = found.find(({ controller }) => controller !== null);
    if (absent !== undefined)
      return { found, absent: missing(this.#consumer, absent, "MISSING or not ACTIVE") };
    if (!foreign) return { found, absent: null };
    return { found, absent: notOurs(this.#consumer, foreign.name, foreign.controller ?? "") };
  }

  /** Begins a deployment, each time anew. */
  async deploy(service: string): Promise<void> {
    const { cluster } = this.#place;
    await this.#ask({ operation: "UpdateService", service }, "unless-done", (client, options) =>
      client.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }), options),
    );
  }

  /** The tasks that a deployment has begun and that are to run, by their ids, the first hundred. */
  async tasksOf(deploymentId: string): Promise<readonly string[]> {
    const { cluster } = this.#place;
    const answer = await this.#ask({ operation: "ListTasks", service: null }, "always", (client, options) =>
      client.send(
        new ListTasksCommand({ cluster, startedBy: deploymentId, maxResults: NAMED_TASKS }),
        options,
      ),
    );
    return this.#readable("ListTasks", () =>
      (answer.taskArns ?? []).map((arn) => arn.split("/").at(-1) ?? arn),
    );
  }

  async #ask<Output>(
    asked: Asked,
    repeat: "always" | "unless-done",
    request: Request<ECSClient, Output>,
  ): Promise<Output> {
    try {
      return await this.#client.send(request, { endsAt: this.#client.end(), repeat });
    } catch (error) {
      const failure = error instanceof AwsFailure ? error : toFailure(error);
      throw toConsumerError(this.#consumer, this.#place, asked, failure);
    }
  }

  #readable<Read>(operation: Asked["operation"], read: () => Read): Read {
    try {
      return read();
    } catch {
      throw unreadable(this.#consumer, operation);
    }
  }
}
