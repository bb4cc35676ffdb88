import type { ServiceInputTypes } from "@aws-sdk/client-s3";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import type { Scheduler } from "./scheduler.ts";

const VERSION = "version-1";

/** One stored object: its bytes, and the tags and locks that the platform has set. */
export interface StoredFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** The names of its tags. */
  tags: readonly string[];
  isLocked: boolean;
}

/**
 * Simulates S3 in memory: each call of the platform's S3 client becomes one operation of the scheduler, instead of a
 * request.
 */
export class Objects {
  readonly files = new Map<string, StoredFile>();
  readonly #world: Scheduler;

  constructor(world: Scheduler) {
    this.#world = world;
  }

  put(key: string, contentType: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.files.set(key, { bytes, contentType, tags: [], isLocked: false });
  }

  /** Answers the calls of the S3 client that this process uses until the end of the simulation. */
  async takeOver(): Promise<void> {
    const { sdk, client } = await Storage.open();
    client.middlewareStack.add(
      (_next, { commandName }) =>
        ({ input }) =>
          this.#world.op(`s3 ${commandName}`, () => ({
            output: { $metadata: {}, ...this.#answer(commandName ?? "", input, sdk) },
            response: {},
          })),
      { step: "initialize", priority: "high" },
    );
  }

  #answer(command: string, input: ServiceInputTypes, sdk: typeof import("@aws-sdk/client-s3")) {
    const key = "Key" in input ? String(input.Key) : "";
    const file = this.files.get(key);
    switch (command) {
      case "PutObjectCommand": {
        if (!("Body" in input) || !(input.Body instanceof Uint8Array)) throw new Error("no bytes to store");
        this.put(key, "ContentType" in input ? String(input.ContentType) : "", new Uint8Array(input.Body));
        return {};
      }
      case "HeadObjectCommand":
        if (!file) throw new sdk.NotFound({ message: "no such object", $metadata: {} });
        return { ContentLength: file.bytes.length, ContentType: file.contentType, VersionId: VERSION };
    }
    if (!file || ("VersionId" in input && input.VersionId !== VERSION)) throw new Error(`no object ${key}`);
    switch (command) {
      case "GetObjectCommand":
        return { Body: bodyOf(file.bytes) };
      case "PutObjectTaggingCommand":
        if ("Tagging" in input && typeof input.Tagging === "object")
          file.tags = (input.Tagging.TagSet ?? []).map(({ Key = "" }) => Key);
        return {};
      case "PutObjectRetentionCommand":
        file.isLocked = true;
        return {};
      default:
        throw new Error(`the simulated storage has no ${command}`);
    }
  }
}

const bodyOf = (bytes: Uint8Array<ArrayBuffer>) =>
  Object.assign(new Blob([bytes]), {
    transformToByteArray: async () => bytes,
    transformToString: async () => Buffer.from(bytes).toString(),
    transformToWebStream: () => new Blob([bytes]).stream(),
  });
