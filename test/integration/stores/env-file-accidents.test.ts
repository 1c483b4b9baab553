/** Whatever happens at whatever moment of a write: the file is whole, and the next write works at once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { EnvFilePlace } from "../../support/env-file-place.ts";

const Report = z.object({
  result: z.string().optional(),
  error: z.object({ message: z.string(), effect: z.string(), retry: z.string() }).optional(),
  met: z.boolean(),
  operations: z.number(),
});

const BEFORE = "# first line\nACTIVE_PADDLE_KEY=before\nLAST=line\n";

/** Writes the secret `after` in a process of its own. null: it was killed. */
async function write(
  place: EnvFilePlace,
  at: number,
  accident: string,
): Promise<z.infer<typeof Report> | null> {
  const program = join(import.meta.dirname, "write-with-accident.ts");
  const child = spawn(process.execPath, [program, place.path, "after", String(at), accident], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.signalCode === "SIGKILL") return null;
  return Report.parse(JSON.parse(output));
}

async function leftovers(place: EnvFilePlace): Promise<string[]> {
  return (await place.files()).filter((name) => name.endsWith(".tmp"));
}

/** The active secret, once it is sure that the file is either whole text and that the next write works. */
async function checkedSecret(place: EnvFilePlace): Promise<string | undefined> {
  const { slots, version } = await place.store().read();
  const active = slots.active?.secret.reveal();
  const whole = new RegExp(
    `^# first line\nACTIVE_PADDLE_KEY=${active}\n(# paddle-key-rotator .*}\n)?LAST=line\n(# edited\n)?$`,
  );
  expect(await place.text()).toMatch(whole);
  await place.store().checkWritable();
  const next = { ...slots, active: unknownOrigin(new Secret("next")) };
  expect(await place.store().write(next, version)).toBe("written");
  expect((await place.files()).toSorted()).toEqual([".billing.env.lock", "billing.env"]);
  expect(await place.mode()).toBe(0o640);
  return active;
}

/** Lets the accident happen at the first, the second, … operation, until a write is through before its turn. */
async function atEveryMoment(
  accident: string,
  look: (place: EnvFilePlace, report: z.infer<typeof Report> | null) => Promise<void>,
): Promise<void> {
  for (let at = 1; at < 100; at += 1) {
    await using place = await EnvFilePlace.holding(BEFORE, 0o640);
    const report = await write(place, at, accident);
    if (report && !report.met) {
      expect(report.result).toBe("written");
      return;
    }
    await look(place, report);
  }
  expect.fail("the write never ended");
}

describe("a write to an env file", () => {
  it("leaves the old or the new text when its process is killed, at every moment", async () => {
    const found: (string | undefined)[] = [];
    const modes = new Set<string>();
    await atEveryMoment("kill", async (place, report) => {
      expect(report).toBeNull();
      for (const name of await leftovers(place))
        modes.add(((await stat(join(place.folder, name))).mode & 0o7777).toString(8));
      found.push(await checkedSecret(place));
    });
    const firstNew = found.indexOf("after");
    expect(firstNew).toBeGreaterThan(8);
    expect(found).toEqual(found.map((_, index) => (index < firstNew ? "before" : "after")));
    expect(modes, "of what the killed ones left").toEqual(new Set(["600", "640"]));
  });

  it("tells the truth about its effect, and leaves nothing behind, when any operation fails", async () => {
    const effects = new Set<string>();
    await atEveryMoment("EIO", async (place, report) => {
      const effect = report?.error?.effect ?? "success";
      effects.add(effect);
      expect(await leftovers(place)).toEqual([]);
      expect(await checkedSecret(place)).toBe(effect === "none" ? "before" : "after");
    });
    expect(effects).toEqual(new Set(["none", "unknown"]));
  });

  it("keeps what a person saves meanwhile, at every moment but that of the replacement itself", async () => {
    const lost: number[] = [];
    const results = new Set<string | undefined>();
    let at = 0;
    await atEveryMoment("edit", async (place, report) => {
      at += 1;
      results.add(report?.result);
      if (!(await place.text()).includes("# edited\n")) lost.push(at);
      expect(await checkedSecret(place)).toBe(report?.result === "conflict" ? "before" : "after");
      expect(await leftovers(place)).toEqual([]);
    });
    expect(lost).toHaveLength(1);
    expect(results).toEqual(new Set(["written", "conflict"]));
  });

  it("counts on a file system that has no fsync for folders", async () => {
    await using place = await EnvFilePlace.holding(BEFORE, 0o640);
    const last = (await write(place, 0, "kill"))?.operations ?? 0;
    await place.save(BEFORE);
    expect(await write(place, last, "EINVAL")).toMatchObject({ result: "written", met: true });
  });

  it.each([
    ["ENOSPC", "later", "cannot be written, because the disk is full: make room; nothing has changed"],
    ["EDQUOT", "later", "cannot be written, because the disk is full: make room; nothing has changed"],
    ["EROFS", "never", "is on a read-only file system: mount its folder writable"],
    [
      "EBUSY",
      "never",
      "is itself a mount point, so it cannot be replaced in one step: mount the folder, not the file",
    ],
    [
      "EPERM",
      "never",
      "is closed to this process (EPERM: on order): give it and its folder to the user of this process",
    ],
    ["EIO", "later", "cannot be used (EIO: on order): look at the disk; nothing has changed"],
  ])("says what to do when the system answers %s", async (code, retry, sentence) => {
    await using place = await EnvFilePlace.holding(BEFORE, 0o640);
    const report = await write(place, 5, code);
    expect(report?.error).toMatchObject({ effect: "none", retry });
    expect(report?.error?.message).toContain(`./billing.env ${sentence}`);
  });
});
