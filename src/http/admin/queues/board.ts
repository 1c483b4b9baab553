/**
 * Bull Board as an application of its own, which listens nowhere: the dashboard's routes hand requests over to it. So
 * it need not be there before somebody looks at the queues; it is a tenth of what the service would load and hold.
 */
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { Queue } from "bullmq";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { hideLivingSecrets } from "../../../core/living-secrets.ts";
import { answerBadPath } from "../../faults.ts";
import { schemaController } from "../../schema-controller.ts";
import { refuseFaults } from "../refusal.ts";
import { keepLocal } from "./dashboard-page.ts";
import { keyNameIn, showData, showProgress, showReturnValue } from "./job-view.ts";

export type BoardDeps = {
  /** The path that every address of the board begins with. */
  readonly base: string;
  readonly queues: readonly Queue[];
  readonly log: Logger;
  /** The configured names: those that have a page of their own. */
  readonly keyNames: readonly string[];
  /** Of one part of a path, in characters. */
  readonly pathPartLimit: number;
};

const ABOUT: Readonly<Record<string, { displayName: string; description: string }>> = {
  rotations: {
    displayName: "Rotations",
    description: "Graceful rotations: the old secret lives on for its grace.",
  },
  emergencies: {
    displayName: "Emergencies",
    description: "Exposed, expired and revoked keys. Never waits behind rotations.",
  },
  alerts: { displayName: "Alerts", description: "One job for each alert and channel." },
  upkeep: {
    displayName: "Upkeep",
    description:
      "The sweep, which finds what no webhook told of, and looks into single events. Kills no key.",
  },
};

/** Ready to be asked by `inject`; whoever opens it closes it. */
export async function openBoard({
  base,
  queues,
  log,
  keyNames,
  pathPartLimit,
}: BoardDeps): Promise<FastifyInstance> {
  const board = new FastifyAdapter().setBasePath(base);
  const names = new Set(keyNames);
  createBullBoard({
    queues: queues.map((queue) => readOnly(queue, names)),
    serverAdapter: board,
    options: {
      uiConfig: { boardTitle: "Paddle key rotator", hideRedisDetails: true, hideDocsLink: true },
    },
  });
  board.setErrorHandler((error) => {
    log.error({ err: error }, "dashboard request failed");
    return { status: 500, body: { error: { key: "ERRORS.INTERNAL_SERVER_ERROR" } } };
  });
  const app = fastify({
    logger: false,
    schemaController,
    routerOptions: { maxParamLength: pathPartLimit },
    // It closes after the listener, which may still hand over what came in before.
    return503OnClosing: false,
    frameworkErrors: answerBadPath,
  });
  refuseFaults(app, log);
  app.addHook("onSend", async (_request, reply, payload) => {
    if (typeof payload !== "string") return payload;
    if (isHtml(reply.getHeader("content-type"))) return keepLocal(payload);
    // The last net: log lines, options, reasons and stacks of failures have no formatter.
    return hideLivingSecrets(payload);
  });
  void app.register(board.registerPlugin(), { prefix: base });
  await app.ready();
  return app;
}

function readOnly(queue: Queue, names: ReadonlySet<string>): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    ...ABOUT[queue.name],
    readOnlyMode: true,
    externalJobUrl: ({ data }) => keyLink(keyNameIn(data), names),
  });
  adapter.setFormatter("data", showData);
  adapter.setFormatter("returnValue", showReturnValue);
  adapter.setFormatter("progress", showProgress);
  return adapter;
}

/** To the key's page, or that of the key it stands by for; else to all keys. */
function keyLink(keyName: string | null, names: ReadonlySet<string>) {
  const name = [keyName, keyName?.replace(/-standby$/, "")].find((known) => known && names.has(known));
  return name
    ? { displayText: `Key ${name}`, href: `/keys/${encodeURIComponent(name)}` }
    : { displayText: "Keys", href: "/" };
}

function isHtml(contentType: unknown): boolean {
  return typeof contentType === "string" && contentType.startsWith("text/html");
}
