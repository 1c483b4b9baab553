/** What AWS, or the way there, answered instead of a result. The client's own errors end here: they may carry secrets. */

export class AwsFailure extends Error {
  override readonly name = "AwsFailure";
  /** AWS's code, or that of the fault on the way; never text from an answer. */
  readonly code: string;
  /** null: no answer. */
  readonly status: number | null;
  readonly requestId: string | null;

  constructor(code: string, status: number | null = null, requestId: string | null = null) {
    super(code);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }

  /** Too many requests: this one was certainly not done. */
  get throttled(): boolean {
    return this.status === 429 || THROTTLED.has(this.code);
  }

  /** True unless AWS certainly refused it, or was certainly never asked. */
  get mayBeDone(): boolean {
    if (this.status === null) return !BEFORE_SENDING.has(this.code);
    // An answer that cannot be read may hide a success.
    return (this.status >= 500 || this.status < 400) && !this.throttled;
  }

  /** Worth another try in a moment, where trying again does no harm. */
  get passing(): boolean {
    if (this.status === null) return !FOR_A_PERSON.has(this.code);
    return this.throttled || SKEWED.has(this.code) || this.status >= 500;
  }

  /** The proof of who we are is worth nothing any more; another one may be. */
  get credentialsRefused(): boolean {
    return REFUSED_CREDENTIALS.has(this.code);
  }

  get denied(): boolean {
    return this.code === "AccessDeniedException";
  }

  /** `ThrottlingException, status 400, request id 1b2c…` */
  get words(): string {
    if (this.status === null) return this.code;
    const id = this.requestId === null ? "" : `, request id ${this.requestId}`;
    return `${this.code}, status ${this.status}${id}`;
  }
}

const THROTTLED = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
]);
// The client learns the difference between the clocks from such an answer, and signs the next request rightly.
const SKEWED = new Set([
  "RequestTimeTooSkewed",
  "RequestExpired",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
]);
const REFUSED_CREDENTIALS = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
]);
export const NO_REGION = "NoRegion";
/** Of Security Token Service: our own credentials may not assume the role. */
export const ROLE_DENIED = "AccessDenied";
const FOR_A_PERSON = new Set(["CredentialsProviderError", NO_REGION]);
const BEFORE_SENDING = new Set([...FOR_A_PERSON, "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

type Shown = Error & { code?: unknown; $metadata?: { httpStatusCode?: unknown; requestId?: unknown } };

export function toFailure(error: unknown): AwsFailure {
  if (error instanceof AwsFailure) return error;
  if (!(error instanceof Error)) return new AwsFailure("UnknownError");
  const { code, $metadata: answer }: Shown = error;
  const status = typeof answer?.httpStatusCode === "number" ? answer.httpStatusCode : null;
  const requestId = typeof answer?.requestId === "string" ? answer.requestId : null;
  // A fault of the network has a code; an answer of AWS is named by its code.
  return new AwsFailure(status === null && typeof code === "string" ? code : error.name, status, requestId);
}
