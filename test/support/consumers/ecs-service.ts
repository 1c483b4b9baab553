/**
 * A service of a fake Amazon ECS with the deployment controller ECS: deployments that replace each other's tasks as the
 * script says. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html, …/API_Service.html
 */
import { randomBytes } from "node:crypto";

type Deployment = {
  readonly id: string;
  readonly createdAt: number;
  status: "PRIMARY" | "ACTIVE";
  rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  rolloutStateReason: string;
  readonly tasks: string[];
};

export class FakeService {
  readonly name: string;
  readonly events: { id: string; createdAt: number; message: string }[] = [];
  desired: number;
  status = "ACTIVE";
  controller = "ECS";
  /** Times that UpdateService made a deployment. */
  forced = 0;
  deployments: Deployment[];
  pending = 0;
  /** As behind a Classic Load Balancer. */
  tellsNoState = false;

  constructor(name: string, desired: number) {
    this.name = name;
    this.desired = desired;
    const first = this.#deployment();
    Object.assign(first, { rolloutState: "COMPLETED" });
    this.deployments = [first];
    while (first.tasks.length < desired) first.tasks.push(randomBytes(16).toString("hex"));
  }

  get primary(): Deployment {
    const primary = this.deployments.find(({ status }) => status === "PRIMARY");
    if (!primary) throw new Error("there is always one");
    return primary;
  }

  /** UpdateService with forceNewDeployment. */
  force(): void {
    this.forced += 1;
    for (const deployment of this.deployments) deployment.status = "ACTIVE";
    this.deployments.unshift(this.#deployment());
  }

  /** So many former tasks are replaced; a former deployment without tasks is over, and the new one COMPLETED. */
  roll(count = Infinity): void {
    const { primary } = this;
    for (const former of this.deployments.filter((deployment) => deployment !== primary)) {
      for (const _ of former.tasks.splice(0, count)) primary.tasks.push(randomBytes(16).toString("hex"));
    }
    this.deployments = this.deployments.filter(
      ({ status, tasks }) => status === "PRIMARY" || tasks.length > 0,
    );
    if (this.deployments.length > 1) return;
    primary.rolloutState = "COMPLETED";
    this.say(`(service ${this.name}) has reached a steady state.`);
  }

  /** The circuit breaker opens. */
  fail(): void {
    this.primary.rolloutState = "FAILED";
    this.primary.rolloutStateReason = "ECS deployment circuit breaker: tasks failed to start.";
  }

  /** The circuit breaker puts the deployment back that was completed last, with the tasks that are left of it. */
  rollBack(): void {
    const former = this.deployments.find((deployment) => deployment !== this.primary);
    if (!former) throw new Error("there is nothing to go back to");
    this.deployments = [former];
    former.status = "PRIMARY";
    former.rolloutStateReason = "ECS deployment circuit breaker: rolling back to this deployment.";
    while (former.tasks.length < this.desired) former.tasks.push(randomBytes(16).toString("hex"));
  }

  scale(desired: number): void {
    this.desired = desired;
    for (const deployment of this.deployments) deployment.tasks.splice(desired);
  }

  say(message: string): void {
    this.events.unshift({ id: randomBytes(4).toString("hex"), createdAt: Date.now() / 1000, message });
  }

  /** As DescribeServices answers. */
  get object(): object {
    return {
      serviceName: this.name,
      status: this.status,
      desiredCount: this.desired,
      runningCount: this.deployments.reduce((sum, { tasks }) => sum + tasks.length, 0),
      pendingCount: this.pending,
      schedulingStrategy: "REPLICA",
      deploymentController: { type: this.controller },
      deployments:
        this.controller === "ECS" ? this.deployments.map((deployment) => this.#shown(deployment)) : [],
      events: this.events,
    };
  }

  #shown({ tasks, rolloutState, rolloutStateReason, ...deployment }: Deployment): object {
    const state = this.tellsNoState ? {} : { rolloutState, rolloutStateReason };
    const counts = {
      desiredCount: this.desired,
      runningCount: tasks.length,
      pendingCount: 0,
      failedTasks: 0,
    };
    return { ...deployment, ...counts, ...state };
  }

  #deployment(): Deployment {
    const id = `ecs-svc/${BigInt(`0x${randomBytes(7).toString("hex")}`)}`;
    const reason = `ECS deployment ${id} in progress.`;
    const createdAt = Date.now() / 1000;
    return {
      id,
      createdAt,
      status: "PRIMARY",
      rolloutState: "IN_PROGRESS",
      rolloutStateReason: reason,
      tasks: [],
    };
  }
}
