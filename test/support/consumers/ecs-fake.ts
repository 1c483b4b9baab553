/**
 * Amazon ECS on loopback, as the official client meets it: AWS JSON 1.1, signatures checked, each permission asked for
 * by its exact name, and no input that the rotator has no business to send. One cluster.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html, …/API_UpdateService.html,
 * …/API_ListTasks.html, …/CommonErrors.html
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { Refused } from "../stores/aws-secret.ts";
import { FakeCredentials } from "../stores/aws-signature.ts";
import { FakeService } from "./ecs-service.ts";

export const REGION = "eu-west-1";
export const CLUSTER = "production";

const Inputs = {
  DescribeServices: z.strictObject({ cluster: z.string(), services: z.array(z.string()).min(1).max(10) }),
  UpdateService: z.strictObject({
    cluster: z.string(),
    service: z.string(),
    forceNewDeployment: z.literal(true),
  }),
  // startedBy must be the only filter.
  ListTasks: z.strictObject({
    cluster: z.string(),
    startedBy: z.string(),
    maxResults: z.number().min(1).max(100),
  }),
};
type Operation = keyof typeof Inputs;

export class FakeEcs implements AsyncDisposable {
  readonly credentials = new FakeCredentials();
  readonly services = new Map<string, FakeService>();
  /** What was asked and allowed. */
  readonly calls: string[] = [];
  /** `ecs:UpdateService`, for all services, or `ecs:UpdateService/name`. */
  readonly denied = new Set<string>();
  silent = false;
  throttles = 0;
  losesNextUpdate = false;
  /** In place of every answer of its own. */
  always: { status: number; headers: Record<string, string>; body: string } | null = null;
  url = "";
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response);
  });

  static async open(): Promise<FakeEcs> {
    const fake = new FakeEcs();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    fake.url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`;
    fake.signIn();
    return fake;
  }

  /** What the SDK finds by itself; each test file runs in a process of its own. */
  signIn(): void {
    const { accessKeyId, secretAccessKey } = this.credentials.longLived();
    process.env["AWS_ACCESS_KEY_ID"] = accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey;
    process.env["AWS_EC2_METADATA_DISABLED"] = "true";
  }

  add(name: string, desired = 2): FakeService {
    const service = new FakeService(name, desired);
    this.services.set(name, service);
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((closed) => this.#server.close(closed));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request).catch(() => Buffer.of());
    if (this.silent) return;
    if (this.always) {
      response.writeHead(this.always.status, this.always.headers).end(this.always.body);
      return;
    }
    const operation = String(request.headers["x-amz-target"]).replace(
      "AmazonEC2ContainerServiceV20141113.",
      "",
    );
    const { status, answer } = this.#answer(request, body, operation);
    if (this.losesNextUpdate && operation === "UpdateService") {
      this.losesNextUpdate = false;
      request.socket.destroy();
      return;
    }
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": randomUUID(),
    });
    response.end(JSON.stringify(answer));
  }

  #answer(request: IncomingMessage, body: Buffer, operation: string): { status: number; answer: object } {
    try {
      if (this.throttles > 0) {
        this.throttles -= 1;
        throw new Refused("ThrottlingException", "Rate exceeded");
      }
      this.credentials.check(request, body, "ecs", REGION);
      if (!isKnown(operation)) throw new Refused("UnknownOperationException", operation);
      const input = Inputs[operation].safeParse(JSON.parse(body.toString()));
      if (!input.success) throw new Refused("InvalidParameterException", z.prettifyError(input.error));
      return { status: 200, answer: this.#perform(operation, input.data) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: error.status, answer: { __type: error.code, message: error.message } };
    }
  }

  #perform(operation: Operation, input: { cluster: string; service?: string }): object {
    const name = input.service ?? "";
    if (this.denied.has(`ecs:${operation}`) || this.denied.has(`ecs:${operation}/${name}`))
      throw new Refused(
        "AccessDeniedException",
        `User: arn:aws:sts::111122223333:assumed-role/canary is not authorized to perform: ecs:${operation}`,
      );
    if (input.cluster !== CLUSTER) throw new Refused("ClusterNotFoundException", "Cluster not found.");
    this.calls.push(operation);
    switch (operation) {
      case "DescribeServices":
        return this.#describe(Inputs.DescribeServices.parse(input).services);
      case "UpdateService":
        return this.#update(name);
      case "ListTasks":
        return this.#list(Inputs.ListTasks.parse(input).startedBy);
      default:
        return operation satisfies never;
    }
  }

  #describe(names: readonly string[]): object {
    const known = names.flatMap((name) => this.services.get(name) ?? []);
    const failures = names
      .filter((name) => !this.services.has(name))
      .map((name) => ({ arn: `arn:aws:ecs:${REGION}:111122223333:service/${name}`, reason: "MISSING" }));
    return { services: known.map(({ object }) => object), failures };
  }

  #update(name: string): object {
    const service = this.services.get(name);
    if (!service) throw new Refused("ServiceNotFoundException", "Service not found.");
    if (service.status !== "ACTIVE")
      throw new Refused("ServiceNotActiveException", "Service was not ACTIVE.");
    if (service.controller !== "ECS")
      throw new Refused(
        "InvalidParameterException",
        "Cannot force a new deployment on services with a CODE_DEPLOY controller.",
      );
    service.force();
    return { service: service.object };
  }

  #list(startedBy: string): object {
    const deployments = [...this.services.values()].flatMap((service) => service.deployments);
    const tasks = deployments.find(({ id }) => id === startedBy)?.tasks ?? [];
    return { taskArns: tasks.map((id) => `arn:aws:ecs:${REGION}:111122223333:task/${CLUSTER}/${id}`) };
  }
}

function isKnown(operation: string): operation is Operation {
  return Object.hasOwn(Inputs, operation);
}
