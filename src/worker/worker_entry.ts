/** Module that a Web Worker of a run begins with. */
import { serveWorker } from "./serve_worker.ts";
import { webWorkerChannel } from "./worker_channel.ts";

serveWorker(webWorkerChannel());
