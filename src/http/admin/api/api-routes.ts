/** Everything under `/api`. */
import type { FastifyInstance } from "fastify";
import { type KeyRouteDeps, serveKeys } from "./key-routes.ts";
import { type DocumentTerms, openApiDocument } from "./open-api.ts";
import { serve } from "./operation.ts";
import { describeApi } from "./operations.ts";
import { serveOverview } from "./overview-routes.ts";
import { serveRecords } from "./record-routes.ts";

export function serveApi(app: FastifyInstance, deps: KeyRouteDeps, terms: DocumentTerms): void {
  serveKeys(app, deps);
  serveOverview(app, deps.overview);
  serveRecords(app, deps.desk);
  let document: ReturnType<typeof openApiDocument> | null = null;
  serve(app, describeApi, async ({ answer }) => {
    document ??= openApiDocument(terms);
    return answer(200, document);
  });
}
