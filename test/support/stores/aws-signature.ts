/**
 * Who signed a request, by AWS Signature Version 4.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Refused } from "./aws-secret.ts";

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** null: a long-lived key. */
  readonly sessionToken: string | null;
  valid: boolean;
};

export class FakeCredentials {
  readonly #known = new Map<string, Credentials>();

  /** Those of a person or a machine, which never expire. */
  longLived(): Credentials {
    return this.#add("AKIA", null);
  }

  /** Those of a role, for an hour. */
  ofRole(): Credentials {
    return this.#add("ASIA", randomBytes(24).toString("base64"));
  }

  /** From now on nothing that was given out for a role is worth anything. */
  expireSessions(): void {
    for (const credentials of this.#known.values())
      if (credentials.sessionToken !== null) credentials.valid = false;
  }

  /** Throws Refused unless known credentials signed exactly this request for this service and region. */
  check(request: IncomingMessage, body: Buffer, service: string, region: string): Credentials {
    const header = request.headers.authorization ?? "";
    const parts =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
        header,
      );
    if (!parts) throw new Refused("MissingAuthenticationTokenException", "Missing Authentication Token");
    const [, id = "", day = "", inRegion = "", forService = "", signed = "", signature = ""] = parts;
    const credentials = this.#known.get(id);
    const token = request.headers["x-amz-security-token"] ?? null;
    if (!credentials || credentials.sessionToken !== token)
      throw new Refused(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
      );
    if (inRegion !== region || forService !== service)
      throw new Refused(
        "InvalidSignatureException",
        `Credential should be scoped to ${region}/${service}.`,
        403,
      );
    const expected = sign(request, body, { day, region, service, signed, key: credentials.secretAccessKey });
    if (expected !== signature)
      throw new Refused("InvalidSignatureException", "The request signature does not match.", 403);
    if (!credentials.valid)
      throw new Refused("ExpiredTokenException", "The security token included in the request is expired");
    return credentials;
  }

  #add(prefix: string, sessionToken: string | null): Credentials {
    const credentials = {
      accessKeyId: prefix + randomBytes(8).toString("hex").toUpperCase(),
      secretAccessKey: randomBytes(20).toString("hex"),
      sessionToken,
      valid: true,
    };
    this.#known.set(credentials.accessKeyId, credentials);
    return credentials;
  }
}

type Scope = Readonly<Record<"day" | "region" | "service" | "signed" | "key", string>>;

function sign(request: IncomingMessage, body: Buffer, { day, region, service, signed, key }: Scope): string {
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = ["POST", "/", "", headers.join(""), signed, sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const derived = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (from, part) => createHmac("sha256", from).update(part).digest(),
    `AWS4${key}`,
  );
  return createHmac("sha256", derived).update(toSign).digest("hex");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
