/** Whether something is mounted on a path: such a path cannot be renamed over (EBUSY). */
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Whether `path` (absolute, without links) is a mount point. A file that was bound from the same file system has the
 * device number of its folder, so on Linux the kernel's own list is asked too; proc_pid_mountinfo(5) describes it.
 */
export async function isMountPoint(path: string, mountInfo = "/proc/self/mountinfo"): Promise<boolean> {
  const [itself, folder] = await Promise.all([stat(path), stat(dirname(path))]);
  return itself.dev !== folder.dev || mountPoints(await readList(mountInfo)).has(path);
}

/** The mount points of a text in the format of /proc/self/mountinfo: each line's fifth field. */
function mountPoints(list: string): Set<string> {
  return new Set(list.split("\n").map((line) => unescapeOctal(line.split(" ")[4] ?? "")));
}

/** Space, tab, line feed and backslash are written there as three octal digits, e.g. `\040`. */
function unescapeOctal(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Only Linux has the list. */
async function readList(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
