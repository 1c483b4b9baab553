/** docs/deployment.md leads only to what there is: files, services, secrets and commands. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { Environment } from "../../../src/config/environment.ts";
import { read } from "../config/sources.ts";
import { readCompose, ROOT, stopDeadlineSeconds, textOf } from "./files.ts";

const PAGE = textOf("docs/deployment.md");
const { services, secrets } = readCompose();

describe("docs/deployment.md", () => {
  it("names only files of ours that are there", () => {
    for (const [, path = ""] of PAGE.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
      expect(existsSync(join(ROOT, "docs", path)), path).toBe(true);
    for (const [path] of PAGE.matchAll(/\bdocker\/[\w/.-]*\w/g))
      expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  it("runs Compose with services that there are, and the rotator with commands that it has", () => {
    for (const [line, service = ""] of PAGE.matchAll(
      /docker compose (?:exec|run|restart|logs)(?: -\S+)* ([a-z][\w-]*)/g,
    ))
      expect(Object.keys(services), line).toContain(service);
    const words = z.array(z.looseObject({ word: z.string() })).parse(Object.values(COMMANDS));
    for (const [line, word = ""] of PAGE.matchAll(/(?:cli\.ts|`rotator) ([a-z-]+)/g))
      expect(
        words.map((command) => command.word),
        line,
      ).toContain(word);
  });

  it("restores with the Redis that Compose runs", () => {
    const images = [...PAGE.matchAll(/\bredis:\d\S*/g)].map(([image]) => image);
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) expect(services["redis"]?.image).toContain(`:-${image}}`);
  });

  it("names secrets by the files that docker-compose.yml takes", () => {
    const files = Object.values(secrets).map(({ file = "" }) => file.split("/").at(-1));
    for (const [, name = ""] of PAGE.matchAll(/secrets\/(?:cluster\/)?([a-z]+(?:-[a-z]+)+)/g))
      expect([...files, "slack-webhook-url"], name).toContain(name);
  });

  it("sets only variables that the configuration knows, besides its own example", () => {
    const known = [...Object.keys(Environment.shape), "SLACK_WEBHOOK_URL", "CONFIG"];
    for (const [, name = ""] of PAGE.matchAll(/\b([A-Z][A-Z_]+)_FILE\b/g)) expect(known).toContain(name);
  });

  it("shows a rotator.yaml that the service takes", () => {
    const [, yaml = ""] = /```yaml\n(keys:[^]*?)```/.exec(PAGE) ?? [];
    expect(() => read({ yaml })).not.toThrow();
  });

  it("tells the time that a stop takes as it is", () => {
    expect(PAGE).toContain(`ends within ${stopDeadlineSeconds()} s`);
    expect(PAGE).toContain("TimeoutStopSec=30");
  });
});
