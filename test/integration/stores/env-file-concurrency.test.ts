/** Many processes, people with editors and applications meet at one env file, and nobody's work is lost. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { EnvFilePlace } from "../../support/env-file-place.ts";

/** Resolves when the process has ended well. */
async function keepWriting(place: EnvFilePlace, times: number, name: string): Promise<void> {
  const program = join(import.meta.dirname, "keep-writing.ts");
  const child = spawn(process.execPath, [program, place.path, String(times), name], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
}

/** How often the notes say that the slots were written. */
function revisionIn(text: string): number {
  const [, notes = ""] = /# paddle-key-rotator ACTIVE_PADDLE_KEY (.*)/.exec(text) ?? [];
  return z.object({ revision: z.number() }).parse(JSON.parse(notes)).revision;
}

const secret = (text: string) => unknownOrigin(new Secret(text));

describe("an env file", () => {
  it("loses no write of several processes that write at the same time", async () => {
    await using place = await EnvFilePlace.holding("A=1\nACTIVE_PADDLE_KEY=first\nB=2\n");
    await Promise.all(["a", "b", "c"].map((name) => keepWriting(place, 15, name)));
    expect(revisionIn(await place.text())).toBe(45);
    expect(await place.beside()).toEqual({ A: "1", B: "2" });
  });

  it("is whole for a reader that opens it at any moment", async () => {
    const rest = `${"# filler\n".repeat(20_000)}END=end\n`;
    await using place = await EnvFilePlace.holding(`ACTIVE_PADDLE_KEY=first\n${rest}`);
    const writer = { done: false };
    const written = keepWriting(place, 40, "secret").finally(() => (writer.done = true));
    const seen = new Set<string>();
    while (!writer.done) {
      const text = readFileSync(place.path, "utf8");
      if (!text.endsWith(`\n${rest}`)) expect.fail(`read ${text.length} characters, and not the end`);
      const ours = text.slice(0, -rest.length);
      expect(ours).toMatch(/^ACTIVE_PADDLE_KEY=(first|secret\d+x*)\n(# paddle-key-rotator .*}\n)?$/);
      seen.add(ours);
      await turn();
    }
    await written;
    expect(seen.size).toBeGreaterThan(10);
  });

  it("takes a write although a person has meanwhile changed other lines, and keeps their change", async () => {
    await using place = await EnvFilePlace.holding("A=1\nACTIVE_PADDLE_KEY=first\n");
    const { slots, version } = await place.store().read();
    await place.save("# new\nA=2\n\nACTIVE_PADDLE_KEY='first' # moved\n");
    expect(await place.store().write({ ...slots, standby: secret("second") }, version)).toBe("written");
    expect(await place.text()).toMatch(
      /^# new\nA=2\n\nACTIVE_PADDLE_KEY='first' # moved\nSTANDBY_PADDLE_KEY=second\n# paddle-key-rotator .*\n$/,
    );
  });

  it("holds the keys of two environments without one getting in the way of the other", async () => {
    await using place = await EnvFilePlace.holding("ACTIVE_PADDLE_KEY=live\nSANDBOX_KEY=sandbox\n");
    const live = place.store();
    const sandbox = place.store({
      active: "SANDBOX_KEY",
      old: "SANDBOX_OLD",
      pending: "SANDBOX_NEXT",
      standby: "SANDBOX_SPARE",
    });
    const [ofLive, ofSandbox] = [await live.read(), await sandbox.read()];
    const results = await Promise.all([
      live.write({ ...ofLive.slots, standby: secret("live-spare") }, ofLive.version),
      sandbox.write({ ...ofSandbox.slots, standby: secret("sandbox-spare") }, ofSandbox.version),
    ]);
    expect(results).toEqual(["written", "written"]);
    expect((await live.read()).slots.standby?.secret.reveal()).toBe("live-spare");
    expect((await sandbox.read()).slots.standby?.secret.reveal()).toBe("sandbox-spare");
  });

  it("says where it is as its operator wrote it", async () => {
    await using place = await EnvFilePlace.holding("");
    expect(place.store().location).toBe("./secrets/billing.env (ACTIVE_PADDLE_KEY)");
  });
});
