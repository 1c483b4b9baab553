/** What this process must be allowed to do with the services of one consumer. */
import type { AwsAccess } from "../../aws/client.ts";

export type EcsPlace = AwsAccess & {
  /** Name or ARN. */
  readonly cluster: string;
  readonly services: readonly string[];
};

const ARN = /^arn:([^:]+):ecs:([^:]+):(\d+):cluster\/(.+)$/;

/** The least, as an IAM policy. */
export function policyFor({ cluster, services, region }: EcsPlace): string[] {
  const [, inArn, ofArn, account = "*", named = cluster] = ARN.exec(cluster) ?? [];
  const where = ofArn ?? region ?? "*";
  const partition =
    inArn ?? (where.startsWith("cn-") ? "aws-cn" : where.startsWith("us-gov-") ? "aws-us-gov" : "aws");
  const prefix = `arn:${partition}:ecs:${where}:${account}`;
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RollOutTheServices",
        Effect: "Allow",
        Action: ["ecs:DescribeServices", "ecs:UpdateService"],
        Resource: services.map((service) => `${prefix}:service/${named}/${service}`),
      },
      {
        Sid: "SeeWhichTasksHoldTheFormerSecret",
        Effect: "Allow",
        Action: "ecs:ListTasks",
        Resource: "*",
        Condition: { ArnLike: { "ecs:cluster": `${prefix}:cluster/${named}` } },
      },
    ],
  };
  return JSON.stringify(policy, null, 2).split("\n");
}
