/** A consumer of type ecs: services of Amazon ECS whose tasks are replaced. */
import { z } from "zod";
import { awsAccess, type AwsAccessConfig, readAwsAccess } from "../aws-access.ts";
import { mustBe, text } from "../fields.ts";
import { section } from "../section.ts";
import { commonFields, type ConsumerCommon, withCommon } from "./common.ts";

export type EcsConfig = ConsumerCommon &
  AwsAccessConfig & {
    readonly type: "ecs";
    /** Name or ARN. */
    readonly cluster: string;
    readonly services: readonly string[];
  };

const CLUSTER_ARN = /^arn:aws[a-z-]*:ecs:([a-z\d-]+):\d{12}:cluster\/[\w-]{1,255}$/;

const service = text("the name of a service: 1 to 255 letters, digits, - and _", (name) => {
  return /^[\w-]{1,255}$/.test(name);
});

export const ecs = section({
  type: z.literal("ecs"),
  ...commonFields,
  cluster: text("the name or the ARN of a cluster", (name) => {
    return /^[\w-]{1,255}$/.test(name) || CLUSTER_ARN.test(name);
  }),
  services: z
    .array(service, { error: mustBe("a list of names of services") })
    .min(1, { error: mustBe("a list of at least one service") })
    .max(50, { error: mustBe("a list of at most 50 services") }),
  ...awsAccess,
})
  .superRefine(({ cluster, region }, context) => {
    const inArn = CLUSTER_ARN.exec(cluster)?.[1];
    if (inArn !== undefined && region !== undefined && region !== inArn)
      context.addIssue({
        code: "custom",
        path: ["region"],
        message: `must be ${inArn}, as the ARN has it, or left out`,
      });
  })
  .transform((given): EcsConfig => {
    const { type, name, refresh, timeout, attest, cluster, services } = given;
    return {
      ...withCommon({ type, name, refresh, timeout, attest }),
      ...readAwsAccess({ ...given, region: given.region ?? CLUSTER_ARN.exec(cluster)?.[1] }),
      cluster,
      services: [...new Set(services)],
    };
  });
