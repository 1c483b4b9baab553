/** The process dies while it tells an application of another secret or looks at it: no switch-over is told as two. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { parse } from "dotenv";
import { expect, inject, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../src/core/secret.ts";
import { freePort } from "../support/owned-process.ts";
import { ADMIN_TOKEN, openSite, type RunningService } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

const SECRET = `whsec_${Buffer.from("a notification secret of 32 byte").toString("base64")}`;

type Moment = "before it is told" | "when it is told" | "while it is looked at";

/** An application that reads its key when it is told to, and may kill who tells it. */
class Application implements AsyncDisposable {
  readonly told: string[] = [];
  kill: ((moment: Moment) => void) | null = null;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #envFile: () => string;
  #fingerprint = "";

  constructor(envFile: () => string) {
    this.#envFile = envFile;
  }

  async listen(port: number): Promise<void> {
    await once(this.#server.listen(port, "127.0.0.1"), "listening");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "POST") {
      this.kill?.("before it is told");
      this.told.push(String(request.headers["webhook-id"]));
      this.kill?.("when it is told");
    } else {
      this.kill?.("while it is looked at");
    }
    const { ACTIVE_PADDLE_KEY = "" } = parse(await readFile(this.#envFile()));
    if (request.method === "POST") this.#fingerprint = new Secret(ACTIVE_PADDLE_KEY).fingerprint();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ fingerprint: this.#fingerprint }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const Detail = z.object({
  switchOver: z.object({ consumers: z.array(z.object({ name: z.string(), state: z.string() })) }).nullable(),
});

async function stateOf({ adminUrl }: RunningService): Promise<string | undefined> {
  const answer = await fetch(`${adminUrl}/api/keys/billing-worker`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  return Detail.parse(await answer.json()).switchOver?.consumers[0]?.state;
}

const cells: { moment: Moment; times: number }[] = [
  { moment: "before it is told", times: 2 },
  { moment: "when it is told", times: 2 },
  { moment: "while it is looked at", times: 1 },
];

it.concurrent.for(cells)(
  "an application is proved to have switched over although the process dies $moment",
  async ({ moment, times }) => {
    const port = await freePort();
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
      graceSeconds: 600,
      yaml: `    consumers: [{ name: billing, type: http, notify: "http://127.0.0.1:${port}/reload", verify: "http://127.0.0.1:${port}/key", secret: ${SECRET}, refresh: 1s, timeout: 1s }]`,
    });
    await using application = new Application(() => site.envFile);
    await application.listen(port);
    const first = await site.start();
    application.kill = (now) => {
      if (now !== moment) return;
      application.kill = null;
      first.kill("SIGKILL");
    };
    site.paddle.warnExpiring(site.key.id);
    expect(await first.ended).toBe("SIGKILL");
    const second = await site.start();

    await until("it is proved", async () => (await stateOf(second)) === "proved", 45_000, 200);
    expect(application.told).toHaveLength(times);
    expect(new Set(application.told).size).toBe(1);
    expect(site.paddle.activatedRotations(site.key.id)).toBe(1);
    const printed = await site.output();
    for (const secret of [...site.secrets(), SECRET]) expect(printed).not.toContain(secret);
  },
);
