/** The API requests that came in, without their secrets. */
import { createHash } from "node:crypto";
import type { ApiRequest } from "../api/api.ts";

export type RequestView = {
  /** Epoch milliseconds by the simulator's clock. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `sha256:` and 16 hex digits, as the rotator shows secrets; null: no credentials. */
  readonly fingerprint: string | null;
};

export type LoggedRequest = RequestView & {
  /** null: not yet answered, or the connection broke before anything happened. */
  readonly status: number | null;
  /** False while it is under way, and for good if the answer was lost. */
  readonly answered: boolean;
  /** Real milliseconds from the whole request to the answer; null: not answered. */
  readonly durationMs: number | null;
};

export class RequestLog {
  readonly #entries: LoggedRequest[] = [];

  /** In the order of arrival. */
  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  arrived(request: ApiRequest, at: number): { view: RequestView; handled: Handled } {
    const secret = request.headers["authorization"]?.replace(/^Bearer /i, "");
    const fingerprint = secret === undefined ? null : fingerprintOf(secret);
    const view = { at, method: request.method, path: request.path, fingerprint };
    const entry = { ...view, status: null, answered: false, durationMs: null };
    this.#entries.push(entry);
    const startedAt = performance.now();
    const handled: Handled = (status, answered) => {
      Object.assign(entry, { status, answered });
      if (answered) Object.assign(entry, { durationMs: performance.now() - startedAt });
    };
    return { view, handled };
  }
}

type Handled = (status: number, answered: boolean) => void;

function fingerprintOf(secret: string): string {
  return `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;
}
