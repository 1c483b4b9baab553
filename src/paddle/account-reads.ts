/** Reads about the whole account, with the secret of any key that has the permission. They activate nothing new. */
import { z } from "zod";
import type { Destination } from "../core/paddle-key.ts";
import type { PaddleApi } from "../core/ports.ts";
import { ApiKeyEntity, DestinationEntity, PastEventEntity } from "./entities.ts";
import { keyPath } from "./key-path.ts";
import { queryOf } from "./pages.ts";
import { dataOf, listCall, type Reader } from "./reader.ts";

type AccountReads = Pick<PaddleApi, "readKey" | "listKeys" | "listEvents" | "listDestinations">;

/** A page of destinations is long, because each one describes every event that it is subscribed to. */
const DESTINATIONS_PER_PAGE = "25";

export function accountReads(reader: Reader): AccountReads {
  return {
    readKey(keyId, secret) {
      const call = { method: "GET", path: keyPath(keyId), secret, mayChange: "nothing" } as const;
      return reader.read(call, dataOf(ApiKeyEntity));
    },

    listKeys: (secret) => reader.readAll("/api-keys", secret, ApiKeyEntity),

    // Paddle's default is the newest first, from which no cursor leads on (Paddle: Events, List events).
    listEvents(secret, { after, types }) {
      const query = queryOf({
        order_by: "id[ASC]",
        ...(types.length > 0 && { event_type: types.join(",") }),
        ...(after !== null && { after }),
      });
      return reader.read(listCall(`/events${query}`, secret), dataOf(z.array(PastEventEntity)));
    },

    // What is listed where `active` is left out is not documented, so both kinds are asked for by name.
    async listDestinations(secret) {
      const found = new Map<string, Destination>();
      for (const active of ["true", "false"]) {
        const asked = { active, per_page: DESTINATIONS_PER_PAGE };
        const items = await reader.readAll("/notification-settings", secret, DestinationEntity, asked);
        // Switched over while we looked, it is in both lists: the later word counts.
        for (const { id, webhooks } of items) if (webhooks) found.set(id, webhooks);
      }
      return [...found.values()];
    },
  };
}
