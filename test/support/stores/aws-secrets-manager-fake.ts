/**
 * AWS Secrets Manager and Security Token Service on loopback, as the official client meets them: AWS JSON 1.1 and
 * the query protocol, signatures checked, each permission asked for by its exact name, before anything is looked at.
 * - https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
 * - https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import {
  OPERATIONS,
  parseInput,
  playRotation,
  type RotationHooks,
  type RotationStep,
} from "./aws-operations.ts";
import { FakeSecret, Refused } from "./aws-secret.ts";
import { FakeCredentials } from "./aws-signature.ts";

export const REGION = "eu-west-1";
export const ROLE = "arn:aws:iam::111122223333:role/paddle-key-rotator";
const WRITES = ["PutSecretValue", "UpdateSecretVersionStage", "RotateSecret"];

export type Call = { readonly operation: string; readonly input: Readonly<Record<string, unknown>> };

export class FakeAws implements AsyncDisposable {
  readonly credentials = new FakeCredentials();
  readonly secrets = new Map<string, FakeSecret>();
  /** What was asked of Secrets Manager, in its order; also what was refused. */
  readonly calls: Call[] = [];
  readonly denied = new Set<string>();
  /** Assumptions of the role. */
  assumptions = 0;
  externalId: string | null = null;
  silent = false;
  throttles = 0;
  losesNextWrite = false;
  /** So many requests are done; the answer of the last and all after it never arrive. */
  diesAfter = Infinity;
  /** The answer of the call of this number, counted from 1 and from now on, is lost; none of the others. */
  losesAnswerOf = 0;
  /** Runs before a call is done, which waits for it. */
  beforeCall: (operation: string) => Promise<void> = async () => {};
  /** Answers these in the place of the next ones. */
  readonly refusals: Refused[] = [];
  hooks: RotationHooks = { onRotate: async () => "", validate: async () => {} };
  hangsAt: RotationStep | null = null;
  /** AWS's own rotation that was begun last. */
  rotation: Promise<void> = Promise.resolve();
  url = "";
  readonly #now: () => number;
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response);
  });

  private constructor(now: () => number) {
    this.#now = now;
  }

  static async open(now: () => number = Date.now): Promise<FakeAws> {
    const fake = new FakeAws(now);
    await new Promise<void>((listening) => fake.#server.listen(0, "127.0.0.1", listening));
    fake.url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`;
    const { accessKeyId, secretAccessKey } = fake.credentials.longLived();
    // What the SDK finds by itself; each test file runs in a process of its own.
    process.env["AWS_ACCESS_KEY_ID"] = accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey;
    process.env["AWS_EC2_METADATA_DISABLED"] = "true";
    return fake;
  }

  create(name: string): FakeSecret {
    const secret = new FakeSecret(
      name,
      `arn:aws:secretsmanager:${REGION}:111122223333:secret:${name}-AbCdEf`,
      this.#now,
    );
    this.secrets.set(name, secret);
    return secret;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (this.silent) return;
    const target = String(request.headers["x-amz-target"] ?? "");
    if (target === "") return this.#assumeRole(request, body, response);
    const operation = target.replace(/^secretsmanager\./, "");
    if (this.diesAfter <= 0) return void request.socket.destroy();
    this.diesAfter -= 1;
    await this.beforeCall(operation);
    const { status, answer } = this.#answer(request, body, operation);
    this.losesAnswerOf -= 1;
    const ordered = this.losesNextWrite && WRITES.includes(operation);
    if (ordered) this.losesNextWrite = false;
    const lost = ordered || this.losesAnswerOf === 0;
    if (lost || this.diesAfter <= 0) return void request.socket.destroy();
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": randomUUID(),
      date: new Date().toUTCString(),
    });
    response.end(JSON.stringify(answer));
  }

  #answer(request: IncomingMessage, body: Buffer, operation: string): { status: number; answer: object } {
    try {
      const ordered = this.refusals.shift();
      if (ordered) throw ordered;
      if (this.throttles > 0) {
        this.throttles -= 1;
        throw new Refused("ThrottlingException", "Rate exceeded");
      }
      this.credentials.check(request, body, "secretsmanager", REGION);
      return { status: 200, answer: this.#perform(operation, body) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: error.status, answer: { __type: error.code, Message: error.message } };
    }
  }

  #perform(operation: string, body: Buffer): object {
    const perform = OPERATIONS[operation];
    if (!perform) throw new Refused("UnknownOperationException", operation);
    const input = parseInput(body.toString());
    this.calls.push({ operation, input });
    const demand = (permission: string) => {
      if (this.denied.has(permission))
        throw new Refused(
          "AccessDeniedException",
          permission.startsWith("kms:") ? "Access to KMS is not allowed" : "…",
        );
    };
    demand(`secretsmanager:${operation}`);
    const secret = [...this.secrets.values()].find(({ name, arn }) => [name, arn].includes(input.SecretId));
    if (!secret)
      throw new Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    return perform({
      secret,
      input,
      demand,
      rotate: (rotated, versionId, graceSeconds) => {
        const { hooks, hangsAt } = this;
        this.rotation = playRotation(rotated, versionId, graceSeconds, { hooks, hangsAt, field: "api_key" });
        this.rotation.catch(() => {});
      },
    });
  }

  #assumeRole(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const form = new URLSearchParams(body.toString());
    response.setHeader("content-type", "text/xml");
    try {
      this.credentials.check(request, body, "sts", REGION);
      const known = form.get("RoleArn") === ROLE && form.get("ExternalId") === this.externalId;
      if (form.get("Action") !== "AssumeRole" || !known || this.denied.has("sts:AssumeRole"))
        throw new Refused("AccessDenied", "not authorized to perform: sts:AssumeRole", 403);
      this.assumptions += 1;
      const { accessKeyId, secretAccessKey, sessionToken } = this.credentials.ofRole();
      const expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.end(
        `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      response
        .writeHead(error.status)
        .end(
          `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${error.message}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
        );
    }
  }
}
