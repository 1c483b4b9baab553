import { expect, it } from "vitest";
import { crc32c } from "../../../../src/stores/google-secret-manager/crc32c.ts";

/** RFC 3720, appendix B.4. */
it.each([
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  [Buffer.from("123456789"), 0xe3069283],
  [new Uint8Array(), 0],
])("checks bytes as the standard does", (bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});
