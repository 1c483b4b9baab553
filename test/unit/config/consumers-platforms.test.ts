/** The sections of consumers on Kubernetes and ECS: what they take, what they refuse, and what their pages say. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { type ConsumerConfig, consumersSection } from "../../../src/config/consumers/consumers.ts";
import { ecs } from "../../../src/config/consumers/ecs.ts";
import { kubernetes } from "../../../src/config/consumers/kubernetes.ts";
import { none } from "../../../src/config/consumers/none.ts";
import { policyFor } from "../../../src/consumers/ecs/policy.ts";
import { minimalRole } from "../../../src/consumers/kubernetes/role.ts";
import type { createConsumer } from "../../../src/consumers/registry.ts";

const parsed = (fields: string) =>
  consumersSection("/etc/rotator").safeParse(parse(`[{ name: billing, ${fields} }]`));
const consumerOf = (fields: string) => {
  const { data, error } = parsed(fields);
  if (error) throw new Error(z.prettifyError(error));
  return data[0];
};
const faultsIn = (fields: string) =>
  (parsed(fields).error?.issues ?? []).map(({ path, message }) => `${path.slice(1).join(".")}: ${message}`);

describe("a consumer on Kubernetes", () => {
  it("is workloads by name, all at once, in the cluster that this process runs in", () => {
    expect(
      consumerOf("type: kubernetes, workloads: [deployment/billing, statefulset/ledger.db]"),
    ).toMatchObject({
      type: "kubernetes",
      target: {
        namespace: null,
        workloads: [
          { kind: "deployment", name: "billing" },
          { kind: "statefulset", name: "ledger.db" },
        ],
        selector: null,
      },
      batch: null,
      kubeconfig: null,
      context: null,
      refreshMs: 300_000,
    });
  });

  it("is workloads by label, of every kind unless it says otherwise", () => {
    expect(consumerOf("type: kubernetes, selector: 'app=billing', namespace: shop")).toMatchObject({
      target: {
        namespace: "shop",
        selector: { labels: "app=billing", kinds: ["deployment", "statefulset", "daemonset"] },
      },
    });
    expect(consumerOf("type: kubernetes, selector: 'app', kinds: [daemonset, daemonset]")).toMatchObject({
      target: { selector: { kinds: ["daemonset"] } },
    });
  });

  it("takes paths from the folder of the file, and batches without a pause", () => {
    const fields = "type: kubernetes, workloads: [daemonset/a], kubeconfig: ./k, batch: { size: 2 }";
    expect(consumerOf(fields)).toMatchObject({
      kubeconfig: "/etc/rotator/k",
      batch: { size: 2, pauseMs: 0 },
    });
  });

  it("is nothing to restart where it reads the mounted Secret", () => {
    expect(consumerOf("type: kubernetes, restart: false")).toMatchObject({ target: null });
  });

  it.each(["app=billing", "app==billing,tier!=test", "app in (a, b), !legacy, x.io/team notin (c)", "app="])(
    "takes the selector %s",
    (selector) => {
      expect(faultsIn(`type: kubernetes, selector: "${selector}"`)).toEqual([]);
    },
  );

  it.each([
    ["", "workloads: is missing, and so is selector; give one of them, or restart: false"],
    ["workloads: []", "workloads: must be a list of at least one workload"],
    ["workloads: [billing]", "workloads.0: must be a workload as deployment/billing"],
    ["workloads: [pod/billing]", "workloads.0: must be a workload as deployment/billing"],
    ["workloads: [deployment/Billing]", "workloads.0: must be a workload as deployment/billing"],
    ["workloads: [deployment/a], selector: app=a", "selector: is another way to say which workloads"],
    ["workloads: [deployment/a], kinds: [deployment]", "kinds: is for selector, but there is none"],
    ["selector: app=a, kinds: [pod]", "kinds.0: must be one of deployment, statefulset, daemonset"],
    ["selector: 'app=a;rm'", "selector: must be labels as kubectl -l takes them"],
    ["selector: 'app=a,'", "selector: must be labels as kubectl -l takes them"],
    ["selector: ''", "selector: must be labels as kubectl -l takes them"],
    ["workloads: [deployment/a], restart: false", "workloads: says what is restarted, but restart is false"],
    ["workloads: [deployment/a], batch: { size: 0 }", "batch.size: must be a whole number from 1 to 100"],
    [
      "workloads: [deployment/a], batch: { size: 1, pause: 2h }",
      "batch.pause: must be a duration from 0 to 1h",
    ],
    ["workloads: [deployment/a], namespace: a.b", "namespace: must be the name of a namespace"],
  ])("refuses %s", (fields, fault) => {
    expect(faultsIn(`type: kubernetes, ${fields}`).join("\n")).toContain(fault);
  });
});

describe("a consumer on ECS", () => {
  it("is services of a cluster, in the region that the cluster's ARN has", () => {
    const cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/production";
    expect(consumerOf(`type: ecs, cluster: "${cluster}", services: [web, web, worker]`)).toMatchObject({
      type: "ecs",
      cluster,
      services: ["web", "worker"],
      region: "eu-west-1",
      endpoint: null,
      role: null,
    });
  });

  it.each([
    ["services: [web]", "cluster: is missing"],
    ["cluster: production", "services: is missing"],
    ["cluster: production, services: []", "services: must be a list of at least one service"],
    ["cluster: production, services: ['a/b']", "services.0: must be the name of a service"],
    ["cluster: 'a b', services: [web]", "cluster: must be the name or the ARN of a cluster"],
    ["cluster: a, services: [web], endpoint: 'http://ecs.internal'", "endpoint: must be an https:// address"],
    [
      "cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/a', services: [web], region: eu-west-2",
      "region: must be eu-west-1, as the ARN has it, or left out",
    ],
  ])("refuses %s", (fields, fault) => {
    expect(faultsIn(`type: ecs, ${fields}`).join("\n")).toContain(fault);
  });

  it("can be had from the registry, as every other kind", () => {
    expectTypeOf<ConsumerConfig>().toExtend<Parameters<typeof createConsumer>[0]>();
  });
});

type Field = { readonly name: string; readonly default: string };
const Node = z.object({
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
});

function fieldsOf(schema: unknown, path = "", isRequired = false): Field[] {
  const node = Node.parse(schema);
  if (node.properties)
    return Object.entries(node.properties).flatMap(([name, inner]) =>
      fieldsOf(inner, path === "" ? name : `${path}.${name}`, path === "" && node.required.includes(name)),
    );
  return [
    { name: path, default: typeof node.default === "string" ? node.default : isRequired ? "required" : "–" },
  ];
}

const fieldsOfSchema = (schema: z.ZodType) => fieldsOf(z.toJSONSchema(schema, { io: "input" }));
const COMMON = new Set(fieldsOfSchema(none).map(({ name }) => name));

describe.each([
  ["kubernetes", kubernetes("/"), { workloads: ["deployment/a"] }],
  ["ecs", ecs, { cluster: "production", services: ["web"] }],
] as const)("docs/consumers-%s.md", (type, schema, required) => {
  const page = readFileSync(resolve(import.meta.dirname, `../../../docs/consumers-${type}.md`), "utf8");
  const lines = page.split("\n");
  const rest = lines.slice(lines.findIndex((line) => line.startsWith("| Field ")) + 2);
  const rows = rest.slice(0, rest.indexOf("")).map((line) => {
    const [name = "", byDefault = "", meaning = "", example = ""] = line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1"));
    return { name, default: byDefault, meaning, example };
  });

  it("lists every field in the schema's order, with its default", () => {
    const fields = fieldsOfSchema(schema).filter(({ name }) => !COMMON.has(name));
    expect(rows.map((row) => ({ name: row.name, default: row.default }))).toEqual(fields);
  });

  it("says of each what it means, with an example that works", () => {
    for (const { name, default: byDefault, meaning, example } of rows) {
      expect(meaning, name).toMatch(/\.$/);
      expect(example, name).not.toBe(byDefault);
      const [field = "", inner] = name.split(".");
      const value: unknown = parse(example);
      const section = inner === undefined ? value : { ...SECTIONS[field], [inner]: value };
      const consumer = { name: "billing", type, ...(INSTEAD[field] ?? required), [field]: section };
      expect(consumersSection("/").safeParse([consumer]).error?.issues, name).toBeUndefined();
    }
  });

  it("shows consumers that work", () => {
    const [, yaml = ""] = /```yaml\n(keys:[\s\S]*?)```/.exec(page) ?? [];
    const { keys } = z.object({ keys: z.array(z.object({ consumers: z.unknown() })) }).parse(parse(yaml));
    expect(consumersSection("/").safeParse(keys[0]?.consumers).error?.issues).toBeUndefined();
  });
});

/** What is required in a section. */
const SECTIONS: Readonly<Record<string, object>> = {
  batch: { size: 3 },
  role: { arn: "arn:aws:iam::111122223333:role/a" },
};
/** What stands beside a field in place of what is required otherwise. */
const INSTEAD: Readonly<Record<string, object>> = { selector: {}, kinds: { selector: "app=a" }, restart: {} };

describe("what a consumer must be allowed", () => {
  const workloads = [
    { kind: "deployment", name: "billing" },
    { kind: "statefulset", name: "ledger" },
  ] as const;
  const page = (type: string) =>
    readFileSync(resolve(import.meta.dirname, `../../../docs/consumers-${type}.md`), "utf8");

  it("on Kubernetes is to read and patch these workloads and to list pods, as its page shows", () => {
    const lines = minimalRole("billing", { namespace: "shop", workloads, selector: null });
    expect(page("kubernetes")).toContain(lines.join("\n"));
    const [role] = parseAllDocuments(lines.join("\n"));
    expect(role?.toJS()).toMatchObject({
      kind: "Role",
      rules: [
        { resources: ["deployments"], resourceNames: ["billing"], verbs: ["get", "patch"] },
        { resources: ["statefulsets"], resourceNames: ["ledger"], verbs: ["get", "patch"] },
        { resources: ["pods"], verbs: ["list"] },
      ],
    });
  });

  it("on Kubernetes by label is to list and patch these kinds", () => {
    const selector = { labels: "app=billing", kinds: ["daemonset"] as const };
    const [role] = parseAllDocuments(
      minimalRole("b", { namespace: null, workloads: null, selector }).join("\n"),
    );
    expect(role?.toJS()).toMatchObject({
      metadata: { name: "paddle-key-rotator-b" },
      rules: [
        { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["list", "patch"] },
        { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
      ],
    });
  });

  it("on ECS is to describe and update these services and to list tasks, as its page shows", () => {
    const place = {
      cluster: "production",
      services: ["billing-web", "billing-worker"],
      endpoint: null,
      role: null,
    };
    const policy: unknown = JSON.parse(policyFor({ ...place, region: "eu-west-1" }).join("\n"));
    const [, shown = ""] = /```json\n([\s\S]*?)```/.exec(page("ecs")) ?? [];
    expect(JSON.parse(shown)).toEqual(policy);
    const byArn = {
      ...place,
      cluster: "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/c",
      region: "cn-north-1",
    };
    expect(policyFor(byArn).join("\n")).toContain(
      "arn:aws-cn:ecs:cn-north-1:111122223333:service/c/billing-web",
    );
  });
});
