/** What commands give back, and how they fail. Only cli.ts prints. */

/** What a command prints for people, and the same for programs. */
export type Answer = {
  readonly ok: boolean;
  readonly text: string;
  readonly json: unknown;
  /** Left out: 0 if it is ok, and else 1. */
  readonly exitCode?: number;
};

/** The command line is at fault. */
export class UsageError extends Error {}

/** The service answered with a problem. The message is in its own words. */
export class ServiceRefusal extends Error {
  readonly problem: unknown;

  constructor(message: string, problem: unknown) {
    super(message);
    this.problem = problem;
  }
}
