/** Files that more than one function would write. */
import type { WorkerHandle } from "./worker_handle.ts";

/** Says which workers claim a file of the run directory that another one has claimed; a text for each. */
export function sharedFiles(workers: readonly WorkerHandle[]): string[] {
  const owners = new Map<string, WorkerHandle>();
  return workers.flatMap((worker) =>
    worker.life.files.flatMap((file) => {
      const owner = owners.get(file);
      if (owner === undefined) {
        owners.set(file, worker);
        return [];
      }
      const { place, name, functionName } = worker.plan;
      return [
        `${
          place === "" ? "" : `${place}: `
        }${name} (${functionName}): Cannot write "${file}": expected a file of its own, ` +
        `found that ${owner.plan.name} (${owner.plan.functionName}) writes it, too; change "filename" of one of them`,
      ];
    })
  );
}
