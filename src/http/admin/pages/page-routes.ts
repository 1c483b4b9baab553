/** The pages for people, and the actions on them. */
import type { FastifyInstance } from "fastify";
import type { OverviewWatch } from "../../../overview/watch.ts";
import type { Secret } from "../../../core/secret.ts";
import { refuseOtherMethods } from "../refusal.ts";
import { serveActions } from "./action-routes.ts";
import { sendPage } from "./answers.ts";
import { serveAssets } from "./assets.ts";
import { createFormTokens, formKeyOf } from "./form-token.ts";
import { KeyPages, type PageDesk } from "./key-pages.ts";
import { renderKeys } from "./keys-page.ts";
import { serveLive } from "./live.ts";
import { renderRunbook } from "./runbook-page.ts";

export type PageDeps = {
  readonly desk: PageDesk;
  readonly overview: Pick<OverviewWatch, "latest" | "touch" | "changes">;
  /** What all instances behind one address have in common, and nobody else has; none: this one is alone. */
  readonly shared: readonly (Secret | null)[];
};

export function servePages(app: FastifyInstance, { desk, overview, shared }: PageDeps): void {
  const tokens = createFormTokens(Date.now, formKeyOf(shared));
  const pages = new KeyPages({ desk, overview, tokens });

  app.get("/", async (_request, reply) => sendPage(reply, renderKeys(await overview.latest())));
  refuseOtherMethods(app, "/", "GET");

  app.get<{ Params: { name: string } }>("/keys/:name", (request, reply) =>
    pages.show(request, reply, { name: request.params.name, answer: null }),
  );
  refuseOtherMethods(app, "/keys/:name", "GET");

  app.get("/runbook", (_request, reply) => sendPage(reply, renderRunbook()));
  refuseOtherMethods(app, "/runbook", "GET");

  serveAssets(app);
  serveLive(app, overview);
  // In a scope of their own: elsewhere nothing reads what a form sends.
  void app.register(async (scope) => serveActions(scope, { pages, tokens }));
}
