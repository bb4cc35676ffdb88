/** A small database in the browser: responses for reading offline, and acts that wait to be sent. */
const NAME = "gotong-royong";
const VERSION = 1;

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.addEventListener("upgradeneeded", () => {
      request.result.createObjectStore("answers");
      request.result.createObjectStore("acts", { keyPath: "sequence", autoIncrement: true });
    });
    request.addEventListener("success", () => {
      // The browser closes the database when its data is deleted; the next use opens a new one.
      request.result.addEventListener("close", () => {
        opened = undefined;
      });
      resolve(request.result);
    });
    request.addEventListener("error", () => reject(request.error ?? new Error("The database did not open.")));
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
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
