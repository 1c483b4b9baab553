/** The slots of a managed external secret. Nothing of ours is noted in it: AWS's own dates say when. */
import type { Slots } from "../../core/slots.ts";
import { GRACE } from "./managed-rotation.ts";
import { LABELS } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";

/** Of a rotation that names none. */
const DEFAULT_GRACE_SECONDS = 300;

/** The same slots with what AWS knows of them. AWSPREVIOUS stays when its secret is dead. */
export async function managedSlots(
  { active, old, ...others }: Slots,
  { labels, rotationMetadata, lastRotatedAt }: Described,
  secret: AwsSecret,
): Promise<Slots> {
  const madeAt = async (label: string) => {
    const versionId = labels.get(label);
    return versionId === undefined ? null : secret.madeAt(versionId);
  };
  const issuedAt = active && (await madeAt(LABELS.current));
  // The version is made first and used for the first time when its rotation is nearly over: the grace begins there.
  const begunAt = issuedAt === null ? null : Math.max(issuedAt, lastRotatedAt ?? 0);
  const until = begunAt === null ? null : begunAt + graceSeconds(rotationMetadata) * 1000;
  return {
    ...others,
    active: active && { ...active, issuedAt },
    old: old && { ...old, issuedAt: await madeAt(LABELS.previous), until },
  };
}

function graceSeconds(metadata: Described["rotationMetadata"]): number {
  const grace = Number(metadata.find(({ key }) => key === GRACE)?.value ?? DEFAULT_GRACE_SECONDS);
  return Number.isFinite(grace) ? grace : DEFAULT_GRACE_SECONDS;
}
