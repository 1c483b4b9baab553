/** A program on this machine that looks at something else: logs, a synthetic order, a test of one's own. */
import type { Check, CheckAnswer } from "../core/check.ts";
import type { Clock } from "../core/ports.ts";
import { run, type Ran } from "../processes/run.ts";
import { unknown } from "./unasked.ts";

export type CommandOptions = Omit<Check, "look"> & {
  /** The program and its arguments: no shell reads them. */
  readonly run: readonly [program: string, ...args: string[]];
  /** Names of variables of this process that it gets as well. */
  readonly env: readonly string[];
  readonly timeoutMs: number;
};

type Needs = {
  readonly keyName: string;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const GOOD = 0;
const BAD = 1;

/** So that it finds other programs and writes in the language of the house. */
const ALWAYS = ["PATH", "LANG"];

export function commandCheck(options: CommandOptions, { keyName, clock, env }: Needs): Check {
  const { run: argv, env: names, timeoutMs, ...common } = options;
  const [program] = argv;
  return {
    ...common,
    async look(): Promise<CheckAnswer> {
      const passed = [...ALWAYS, ...names].flatMap((name) => {
        const value = env[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      const environment = { ...Object.fromEntries(passed), PADDLE_KEY_NAME: keyName };
      return answerOf(program, await run(argv, environment, { clock, timeoutMs }), timeoutMs);
    },
  };
}

function answerOf(program: string, ran: Ran, timeoutMs: number): CheckAnswer {
  switch (ran.kind) {
    case "ended": {
      const { code, says } = ran;
      const words = says === null ? "" : `, "${says}"`;
      if (code === GOOD) return { state: "good", says: `${program} found nothing wrong${words}.` };
      if (code === BAD) return { state: "bad", says: `${program} found something wrong${words}.` };
      return unknown(`${program} exited with ${code}${words}; ${GOOD} is good, ${BAD} is bad`);
    }
    case "killed":
      return unknown(`${program} was ended by ${ran.signal}`);
    case "overdue":
      return unknown(`${program} was not done after ${timeoutMs / 1_000} s and was ended`);
    case "not-started":
      return unknown(
        `${program} cannot be started (${ran.fault}); give its absolute path, or a name that is in the rotator's PATH`,
      );
    default:
      return ran satisfies never;
  }
}
