/** `/api/incidents` and `/api/plan`: what is wrong now, and what comes next. */
import type { FastifyInstance } from "fastify";
import { planOf } from "../../../overview/plan.ts";
import type { OverviewWatch } from "../../../overview/watch.ts";
import { serve } from "./operation.ts";
import { getPlan, listIncidents } from "./operations.ts";
import { showIncidents, showReading } from "./show.ts";

export function serveOverview(app: FastifyInstance, overview: OverviewWatch): void {
  serve(app, listIncidents, async ({ answer }) => {
    const known = await overview.latest();
    return answer(200, { incidents: showIncidents(known), ...showReading(known) });
  });

  serve(app, getPlan, async ({ answer }) => {
    const known = await overview.latest();
    return answer(200, planOf(known, known.at));
  });
}
