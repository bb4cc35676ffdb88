/** A small database in the browser: responses for reading offline, and acts that wait to be sent. */
const NAME = "gotong-royong";
const VERSION = 1;

/**
 * Time after which a database that does not open counts as missing. A tab of a former version can block an upgrade, and a
 * browser that cleans its disk takes seconds.
 */
const OPEN_MS = 3000;

let opened: Promise<IDBDatabase> | undefined;

/** Opens the database. `version` is undefined for the version that a later version of the app has created. */
function request(version: number | undefined): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, version);
    opening.addEventListener("upgradeneeded", () => {
      opening.result.createObjectStore("answers");
      opening.result.createObjectStore("acts", { keyPath: "sequence", autoIncrement: true });
    });
    opening.addEventListener("success", () => {
      const database = opening.result;
      // The browser closes the database when its data is deleted; the next use opens a new one.
      const forget = () => {
        opened = undefined;
      };
      database.addEventListener("close", forget);
      // A later version of the app in another tab upgrades the database, which an open connection would block.
      database.addEventListener("versionchange", () => {
        forget();
        database.close();
      });
      resolve(database);
    });
    opening.addEventListener("error", () => reject(opening.error ?? new Error("The database did not open.")));
  });
}

function open(): Promise<IDBDatabase> {
  if (opened === undefined) {
    const next = request(VERSION).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "VersionError") return request(undefined);
      throw error;
    });
    opened = next;
    next.catch(() => {
      if (opened === next) opened = undefined;
    });
  }
  return inTime(opened);
}

/** A database that opens later is used from then on. */
function inTime(opening: Promise<IDBDatabase>): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The database did not open in time.")), OPEN_MS);
    opening.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

type StoreName = "answers" | "acts";

async function begin(name: StoreName, mode: IDBTransactionMode): Promise<IDBTransaction> {
  try {
    return (await open()).transaction(name, mode);
  } catch (error) {
    // The browser has closed the database, but its event `close` has not arrived yet. Opens the database again.
    if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
    opened = undefined;
    return (await open()).transaction(name, mode);
  }
}

async function run<T>(
  name: StoreName,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const transaction = await begin(name, mode);
  return new Promise((resolve, reject) => {
    const request = work(transaction.objectStore(name));
    // A write is complete only with its transaction: on a full disk, the transaction fails.
    transaction.addEventListener("complete", () => resolve(request.result));
    transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("The database refused.")));
  });
}

export const Store = {
  /** @throws DOMException QuotaExceededError on a full disk */
  put: (name: StoreName, value: unknown, key?: string) => run(name, "readwrite", (store) => store.put(value, key)),
  /** @returns the value that this app stored; undefined if there is none */
  get: <T>(name: StoreName, key: IDBValidKey): Promise<T | undefined> =>
    run<T | undefined>(name, "readonly", (store) => store.get(key)),
  all: (name: StoreName): Promise<unknown[]> => run(name, "readonly", (store) => store.getAll()),
  remove: (name: StoreName, key: IDBValidKey) => run(name, "readwrite", (store) => store.delete(key)),
  clear: (name: StoreName) => run(name, "readwrite", (store) => store.clear()),
};
