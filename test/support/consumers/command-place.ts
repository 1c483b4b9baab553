/** An application that scripts on this machine restart and look at, for the contract of consumers. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/clock.ts";
import { type CommandOptions, commandConsumer } from "../../../src/consumers/command/consumer.ts";
import type { SwitchOver } from "../../../src/core/consumer.ts";
import type { ConsumerPlace } from "../../contract/consumer.contract.ts";
import { memoryRecords } from "../memory-records.ts";

/** Writes a line for every time that it is told. */
const RELOAD = `#!/bin/sh
echo "$PADDLE_SWITCH_OVER_ID" >> "$(dirname "$0")/told"
`;

/** Compares what the application uses with what it should use. */
const LOOK = `#!/bin/sh
cd "$(dirname "$0")"
if [ "$(cat uses)" = "$PADDLE_KEY_FINGERPRINT" ]; then echo "all on the new key"; exit 0; fi
echo "waiting for the application"
exit 10
`;

export type CommandPlace = ConsumerPlace & { readonly folder: string };

export async function openCommandPlace(withVerify = true): Promise<CommandPlace> {
  const folder = await mkdtemp(join(tmpdir(), "command-"));
  const script = (name: string, body: string) => writeFile(join(folder, name), body, { mode: 0o755 });
  await Promise.all([script("reload", RELOAD), script("look", LOOK), writeFile(join(folder, "uses"), "")]);
  const records = memoryRecords();
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
  const options: CommandOptions = {
    name: "billing",
    refreshMs: 0,
    timeoutMs: 1_000,
    run: [join(folder, "reload")],
    verify: withVerify ? [join(folder, "look"), "--token=canary"] : null,
    env: [],
  };
  const both = (body: string) => async () => {
    await Promise.all([script("reload", `#!/bin/sh\n${body}`), script("look", `#!/bin/sh\n${body}`)]);
  };
  return {
    folder,
    consumer: async () =>
      commandConsumer(options, {
        clock: systemClock,
        records,
        env: { PATH: process.env["PATH"], ADMIN_TOKEN: "canary" },
      }),
    told: async () => (await read("told")).split("\n").length - 1,
    async goOn(how: "some" | "all", { fingerprint }: SwitchOver) {
      await writeFile(join(folder, "uses"), how === "all" ? fingerprint : `${fingerprint} and others`);
    },
    everything: async () => `${await read("told")}${await read("uses")}`,
    breakages: {
      "fails in its own words": both('echo "no route to Bearer canary"; exit 3'),
      "fails silently": both("exit 1"),
      "never ends": both("exec sleep 600"),
      "is ended by a signal": both("kill -9 $$"),
      "is no program": async () => {
        await Promise.all([writeFile(join(folder, "reload"), ""), rm(join(folder, "look"))]);
        await rm(join(folder, "reload"));
      },
    },
    secrets: ["canary"],
    async beHostile(words) {
      await writeFile(join(folder, "words"), words.join(" ").replaceAll("\r\n", "\r"));
      await both('cat "$(dirname "$0")/words"; exit 10')();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
