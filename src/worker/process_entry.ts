/** Module that the process of a worker begins with. */
import { serveProcess } from "./serve_process.ts";

serveProcess();
