/** The style sheet and the script of our pages, each under a name that changes with its content. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { refuseOtherMethods } from "../refusal.ts";

const YEAR_SECONDS = 31_536_000;

type Asset = { readonly path: string; readonly tag: string; readonly type: string; readonly content: Buffer };

/** In this order: the last one changes what the others say. */
const STYLES = ["base", "frame", "needs", "life", "keys", "history", "key", "runbook", "small"];

function asset(name: string, type: string, files: readonly string[]): Asset {
  const content = Buffer.concat(
    files.map((file) => readFileSync(new URL(`./assets/${file}`, import.meta.url))),
  );
  const hash = createHash("sha256").update(content).digest("base64url").slice(0, 12);
  return { path: `/assets/${name.replace(".", `.${hash}.`)}`, tag: `"${hash}"`, type, content };
}

export const ASSETS = {
  style: asset(
    "rotator.css",
    "text/css; charset=utf-8",
    STYLES.map((name) => `style/${name}.css`),
  ),
  script: asset("live.js", "text/javascript; charset=utf-8", ["live.js"]),
  icon: asset("icon.svg", "image/svg+xml", ["icon.svg"]),
};

export function serveAssets(app: FastifyInstance): void {
  for (const { path, tag, type, content } of Object.values(ASSETS)) {
    app.get(path, (request, reply) => {
      void reply.headers({ "cache-control": `private, max-age=${YEAR_SECONDS}, immutable`, etag: tag });
      if (request.headers["if-none-match"] === tag) return reply.code(304).send();
      return reply.header("content-type", type).send(content);
    });
    refuseOtherMethods(app, path, "GET");
  }
}
