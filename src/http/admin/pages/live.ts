/**
 * `/live`: tells open pages that something has changed, as server-sent events. An event carries the overview's version
 * and nothing else: the page reads itself again.
 */
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { OverviewWatch } from "../../../overview/watch.ts";
import { refuse, refuseOtherMethods } from "../refusal.ts";

const AT_ONCE = 50;
/** Well within the time after which the listener takes a silent connection for dead. */
const HEARTBEAT_MS = 8_000;
/** Then the browser connects again: whoever lost the right to look does not look on for ever. */
const LONGEST_MS = 60 * 60_000;
const RECONNECT_MS = 2_000;

export function serveLive(app: FastifyInstance, overview: Pick<OverviewWatch, "changes">): void {
  const open = new Set<AbortController>();
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
    for (const ended of open) ended.abort();
  });
  app.get("/live", { handlerTimeout: 2 * LONGEST_MS }, (request, reply) => {
    // On a connection that is open still: it would keep the listener from closing.
    if (isClosing) return refuse(reply, 503, "The rotator is being stopped.");
    if (open.size >= AT_ONCE) return refuse(reply, 503, `${AT_ONCE} pages are kept up to date already.`);
    const ended = new AbortController();
    open.add(ended);
    request.raw.once("close", () => ended.abort());
    ended.signal.addEventListener("abort", () => open.delete(ended));
    // No proxy may hold events back until there are enough of them. And a stream that we end takes its connection with
    // it: the browser would ask on it again, of a listener that is closing.
    void reply.headers({
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
      connection: "close",
    });
    return reply.send(Readable.from(eventsOf(overview, ended)));
  });
  refuseOtherMethods(app, "/live", "GET");
}

async function* eventsOf(
  overview: Pick<OverviewWatch, "changes">,
  ended: AbortController,
): AsyncGenerator<string, void> {
  const { signal } = ended;
  const enough = setTimeout(() => ended.abort(), LONGEST_MS);
  const changes = overview.changes(signal);
  const beat = () => pause(HEARTBEAT_MS, "beat", { signal }).catch(() => "end");
  let change = changes.next();
  let heartbeat = beat();
  try {
    yield `retry: ${RECONNECT_MS}\n\n`;
    for (;;) {
      const next = await Promise.race([change, heartbeat]);
      if (signal.aborted) return;
      if (typeof next === "string") {
        yield ": still here\n\n";
        heartbeat = beat();
      } else if (next.done) return;
      else {
        yield `data: ${next.value.version}\n\n`;
        change = changes.next();
      }
    }
  } finally {
    clearTimeout(enough);
    ended.abort();
  }
}
