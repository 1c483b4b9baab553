/** How `docker run --env-file` and `docker create --env-file` read a file: docker/cli 28, pkg/kvfile/kvfile.go. */

const BYTE_ORDER_MARK = "\uFEFF";

/** Throws where Docker refuses the file. */
export function readAsDocker(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const raw of text.replace(BYTE_ORDER_MARK, "").split("\n")) {
    // Go's line scanner takes the carriage return off; white space behind a value is a part of it, and so are quotes.
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const name = equals === -1 ? line : line.slice(0, equals);
    if (name === "") throw new Error("no variable name");
    if (/[ \t]/.test(name)) throw new Error(`variable '${name}' contains whitespaces`);
    // A name alone would be taken from Docker's own environment.
    if (equals !== -1) variables.set(name, line.slice(equals + 1));
  }
  return variables;
}
