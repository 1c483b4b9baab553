import { EnvFilePlace } from "../support/env-file-place.ts";
import { FaultyStore, MemoryStore } from "../support/memory-store.ts";
import { type OpenPlace, secretStoreContract } from "./secret-store.contract.ts";

const inMemory: OpenPlace = async (beside) => {
  const memory = new MemoryStore();
  const store = new FaultyStore(memory);
  return {
    store: () => store,
    edit: async (field, text) => memory.edit(field, text),
    beside: async () => beside,
    everything: async () => JSON.stringify(memory.backup()),
    breakages: {
      "out of order": async () => {
        store.failNext("read");
        store.failNext("before-write");
        store.failNext("check");
      },
    },
    async [Symbol.asyncDispose]() {},
  };
};

secretStoreContract("the memory of a test", inMemory);

secretStoreContract("an env file", (beside) => EnvFilePlace.open(beside));

secretStoreContract("an env file with CRLF, quotes, export and no last line end", (beside) =>
  EnvFilePlace.open(beside, {
    byteOrderMark: "\uFEFF",
    end: "\r\n",
    line: (name, value) => `export ${name}='${value}'`,
    lastEnd: "",
  }),
);
