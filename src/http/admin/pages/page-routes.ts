/** The pages for people, and the actions on them. */
import type { FastifyInstance } from "fastify";
import type { OverviewWatch } from "../../../overview/watch.ts";
import type { KeyDesk } from "../desk/key-desk.ts";
import { refuseOtherMethods } from "../refusal.ts";

export type PageDeps = { readonly desk: KeyDesk; readonly overview: OverviewWatch };

export function servePages(app: FastifyInstance, _deps: PageDeps): void {
  app.get("/", (_request, reply) => reply.redirect("/queues"));
  refuseOtherMethods(app, "/", "GET");
}
