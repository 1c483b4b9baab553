/** The sections `consumers`: one schema for each kind of consumer, told apart by its `type`. One line here for each. */
import { z } from "zod";
import { mustBe } from "../fields.ts";
import { namesDiffer } from "../names-differ.ts";
import { EVEN_AMONG_FAULTS } from "../section.ts";
import { type CommandConfig, command } from "./command.ts";
import { type EcsConfig, ecs } from "./ecs.ts";
import { type HttpConfig, http } from "./http.ts";
import { kubernetes, type KubernetesConsumerConfig } from "./kubernetes.ts";
import { type NoneConfig, none } from "./none.ts";

export type ConsumerConfig = HttpConfig | CommandConfig | KubernetesConsumerConfig | EcsConfig | NoneConfig;

/** The schema of the section of each kind. @param folder relative paths start here */
export function consumerSections(folder: string) {
  return [http, command, kubernetes(folder), ecs, none] as const;
}

/** The schema of the list `consumers` of one key. @param folder relative paths start here */
export function consumersSection(folder: string) {
  const sections = consumerSections(folder);
  const types = sections.map((schema) => schema.in.shape.type.value).join(", ");
  const consumer = z.discriminatedUnion("type", sections, {
    error: ({ code }) =>
      code === "invalid_union" ? `must be one of ${types}` : `must be a section with a type, one of ${types}`,
  });
  return (
    z
      .array(consumer, {
        error: mustBe("a list with one entry, beginning with - name:, for each application"),
      })
      // Alerts, the dashboard and marks in the records know a consumer by its key and its name.
      .superRefine(namesDiffer("consumer"), EVEN_AMONG_FAULTS)
  );
}
