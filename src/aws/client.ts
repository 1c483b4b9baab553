/**
 * Calls of one service of AWS: every one ends by its deadline, what may pass by itself is tried again, and
 * credentials that AWS refuses are replaced once.
 */
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { Clock } from "../core/ports.ts";
import { AwsFailure, NO_REGION, toFailure } from "./failure.ts";

/** Where the service is, and as whom it is called. */
export type AwsAccess = {
  /** null: as the SDK finds it, e.g. in AWS_REGION. */
  readonly region: string | null;
  /** null: AWS's own for the region. */
  readonly endpoint: string | null;
  /** To be assumed; null: the credentials that the SDK finds are used as they are. */
  readonly role: { readonly arn: string; readonly externalId: string | null } | null;
};

/** How patient the client is; not configuration. */
export type Patience = {
  /** For one request, its credentials included. */
  readonly requestMs: number;
  /** For all that belongs together. */
  readonly operationMs: number;
  /** Before the first repetition; doubled for each further one. */
  readonly pauseMs: number;
};

export const PATIENCE: Patience = { requestMs: 5_000, operationMs: 15_000, pauseMs: 250 };

export type ClientNeeds = {
  readonly clock: Clock;
  readonly patience: Patience;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Where AWS Security Token Service is, for tests; null: where the SDK finds it. */
  readonly stsEndpoint: string | null;
};

/** Clients of the SDK, as far as every one is the same. */
type SdkClient = { readonly config: { region(): Promise<string> } };

/** Makes the SDK's client for the service. */
type Open<Client> = (configuration: {
  readonly maxAttempts: number;
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: ReturnType<typeof fromTemporaryCredentials>;
}) => Client;

export type Request<Client, Output> = (
  client: Client,
  options: { abortSignal: AbortSignal },
) => Promise<Output>;

const TRIES = 4;
const LONGEST_PAUSE_MS = 2_000;
// What CloudTrail shows as the user.
const SESSION_NAME = "paddle-key-rotator";

export class AwsClient<Client extends SdkClient> {
  readonly #options: AwsAccess;
  readonly #open: Open<Client>;
  readonly #needs: ClientNeeds;
  #client: Client | null = null;

  constructor(options: AwsAccess, open: Open<Client>, needs: ClientNeeds) {
    this.#options = options;
    this.#open = open;
    this.#needs = needs;
  }

  /** When an operation that begins now has to be over. */
  end(): number {
    return this.#needs.clock.now() + this.#needs.patience.operationMs;
  }

  /** The region that is asked. Throws AwsFailure. */
  async region(): Promise<string> {
    return this.#opened()
      .config.region()
      .catch(() => {
        throw new AwsFailure(NO_REGION);
      });
  }

  /**
   * One request, with its repetitions. Throws AwsFailure.
   *
   * @param repeat `always`: a second time does no harm; `unless-done`: only where the first was certainly not done
   */
  async send<Output>(
    request: Request<Client, Output>,
    { endsAt, repeat }: { readonly endsAt: number; readonly repeat: "always" | "unless-done" },
  ): Promise<Output> {
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sendOnce(request, endsAt);
      } catch (error) {
        const failure = toFailure(error);
        const pauseMs = this.#pauseMs(attempt);
        if (failure.credentialsRefused && !renewed) {
          renewed = true;
          this.#client = null;
          continue;
        }
        const again = failure.passing && (repeat === "always" || !failure.mayBeDone);
        if (!again || attempt >= TRIES || this.#needs.clock.now() + pauseMs >= endsAt) throw failure;
        await this.#needs.clock.sleep(pauseMs);
      }
    }
  }

  /** Full jitter, so that many that were refused together do not come back together. */
  #pauseMs(attempt: number): number {
    const most = Math.min(this.#needs.patience.pauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    return most * (0.5 + this.#needs.random() / 2);
  }

  async #sendOnce<Output>(request: Request<Client, Output>, endsAt: number): Promise<Output> {
    const { clock, patience } = this.#needs;
    const ms = Math.min(patience.requestMs, endsAt - clock.now());
    // A process that was stopped for long must not go on where others have gone on without it.
    if (ms <= 0) throw new AwsFailure("DEADLINE");
    await this.region();
    const abortSignal = AbortSignal.timeout(ms);
    // The client heeds the signal while it sends, but not while it looks for credentials.
    const { promise: late, reject } = Promise.withResolvers<never>();
    abortSignal.addEventListener("abort", () => reject(new AwsFailure("DEADLINE")), { once: true });
    return Promise.race([request(this.#opened(), { abortSignal }), late]);
  }

  #opened(): Client {
    const { region, endpoint, role } = this.#options;
    this.#client ??= this.#open({
      maxAttempts: 1,
      ...(region !== null && { region }),
      ...(endpoint !== null && { endpoint }),
      ...(role && { credentials: this.#assuming(role) }),
    });
    return this.#client;
  }

  /** Credentials of the role. The client keeps them until shortly before they expire. */
  #assuming({ arn, externalId }: NonNullable<AwsAccess["role"]>) {
    const { stsEndpoint } = this.#needs;
    const { region } = this.#options;
    return fromTemporaryCredentials({
      params: {
        RoleArn: arn,
        RoleSessionName: SESSION_NAME,
        ...(externalId !== null && { ExternalId: externalId }),
      },
      clientConfig: {
        maxAttempts: 2,
        ...(region !== null && { region }),
        ...(stsEndpoint !== null && { endpoint: stsEndpoint }),
      },
    });
  }
}
