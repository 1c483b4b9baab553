/**
 * An application that a program on this machine makes switch over. A second program may look whether it has: its exit
 * code says so, and the first line of its output says it to people.
 */
import type { Consumer, Progress, SwitchOver } from "../../core/consumer.ts";
import type { Clock, Records } from "../../core/ports.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import { tellOnce } from "../told-once.ts";
import { run, type Ran } from "../../processes/run.ts";

type Argv = readonly [program: string, ...args: string[]];

export type CommandOptions = Pick<Consumer, "name" | "refreshMs" | "timeoutMs"> & {
  readonly run: Argv;
  readonly verify: Argv | null;
  /** Names of variables of this process that the programs get as well. */
  readonly env: readonly string[];
};

type Needs = {
  readonly clock: Clock;
  readonly records: Pick<Records, "get" | "putIfAbsent">;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** `verify` is asked again and again, and a worker waits for it. */
const LOOK_DEADLINE_MS = 30_000;
/** So that they find other programs and write in the language of the house. */
const ALWAYS = ["PATH", "LANG"];

const PROVED = 0;
const UNDER_WAY = 10;

export function commandConsumer(options: CommandOptions, needs: Needs): Consumer {
  const { name, refreshMs, timeoutMs, verify } = options;
  const [program] = options.run;
  const { clock } = needs;
  const passed = [...ALWAYS, ...options.env];

  const tell = async (switchOver: SwitchOver) => {
    const ran = await run(options.run, environment(switchOver, passed, needs.env), { clock, timeoutMs });
    if (ran.kind === "not-started") throw unstartable(name, program, ran.fault);
    if (ran.kind === "ended" && ran.code === 0) return;
    throw uncertainty(
      name,
      `may not have been told: ${program} ${endOf(ran, timeoutMs)}`,
      "run it by hand and mend it",
    );
  };

  return {
    name,
    refreshMs,
    timeoutMs,
    needs: [`run ${program}`, ...(verify ? [`run ${verify[0]}`] : [])],
    notify: (switchOver) => tellOnce(name, switchOver, needs, () => tell(switchOver)),

    async observe(switchOver): Promise<Progress> {
      if (!verify) return UNPROVABLE;
      const limitMs = Math.min(timeoutMs, LOOK_DEADLINE_MS);
      const ran = await run(verify, environment(switchOver, passed, needs.env), {
        clock,
        timeoutMs: limitMs,
      });
      if (ran.kind === "not-started") throw unstartable(name, verify[0], ran.fault);
      if (ran.kind === "ended" && ran.code === PROVED)
        return {
          state: "proved",
          instances: [],
          says: ran.says ?? `${verify[0]} says that all have switched over.`,
        };
      if (ran.kind === "ended" && ran.code === UNDER_WAY)
        return {
          state: "under-way",
          instances: [],
          says: ran.says ?? `${verify[0]} says that not all have.`,
        };
      throw setback(
        name,
        `cannot be looked at: ${verify[0]} ${endOf(ran, limitMs)}`,
        `run it by hand; it must exit with ${PROVED} (proved) or ${UNDER_WAY} (under way)`,
      );
    },
  };
}

const UNPROVABLE: Progress = {
  state: "unprovable",
  instances: [],
  says: "It is told by a command, but nothing shows which secret it uses: it has no verify.",
};

/** All that a program gets to know. The key's secret is not in it: the program reads that itself. */
function environment(
  { id, keyName, rotationId, fingerprint }: SwitchOver,
  passed: readonly string[],
  env: Needs["env"],
): Record<string, string> {
  const own = passed.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(own),
    PADDLE_KEY_NAME: keyName,
    PADDLE_KEY_FINGERPRINT: fingerprint,
    PADDLE_KEY_ROTATION: rotationId ?? "",
    PADDLE_SWITCH_OVER_ID: id,
  };
}

function unstartable(consumer: string, program: string, fault: string) {
  return refusal(
    consumer,
    `has a program that cannot be started: ${program} (${fault})`,
    "give its absolute path, or a name that is in the rotator's PATH, and let the rotator's user run it",
  );
}

function endOf(ran: Exclude<Ran, { kind: "not-started" }>, limitMs: number): string {
  switch (ran.kind) {
    case "ended":
      return `exited with ${ran.code}${ran.says === null ? "" : `, "${ran.says}"`}`;
    case "killed":
      return `was ended by ${ran.signal}`;
    case "overdue":
      return `was not done after ${limitMs / 1_000} s and was ended`;
  }
}
