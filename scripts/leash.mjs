// Loaded first into each child of a stack: file descriptor 3 is a pipe whose other end the supervisor holds.
// When the supervisor is gone, even by kill -9, the pipe closes and the child ends as if it had been asked to.
import { Socket } from "node:net";

const leash = new Socket({ fd: 3, readable: true, writable: false });
leash.on("error", () => undefined);
leash.once("close", () => process.kill(process.pid, "SIGTERM"));
leash.resume();
leash.unref();
