/** What there is to subscribe to, as `GET /event-types` and destinations describe it. */
import type { EventTypeEntity } from "../entities.ts";
import type { EventType } from "../events.ts";

export function eventTypeEntity(name: EventType): EventTypeEntity {
  return {
    name,
    description: `Occurs when ${name.replace(/[._]/g, " ")}.`,
    group: "API key",
    available_versions: [1],
  };
}
