/** Disks of a few pages, for tests of what happens when they are full. */

/** A file system in memory that is mounted for one test. */
export class SmallDisk implements Disposable {
  /** Where it is mounted. */
  readonly path: string;

  /** @param bytes Room on it; a whole number of pages of 4096 bytes. */
  constructor(bytes: number) {
    this.path = Deno.makeTempDirSync({ prefix: "mimocorb_disk_" });
    if (!mount(["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", this.path])) {
      Deno.removeSync(this.path);
      throw new Error("Cannot make a small disk: expected the right to mount, found none");
    }
  }

  /** Makes it read-only. */
  forbidWriting(): void {
    if (!mount(["-o", "remount,ro", this.path])) throw new Error(`Cannot make ${this.path} read-only`);
  }

  [Symbol.dispose](): void {
    // A program that is on its way out may still have files open there.
    new Deno.Command("umount", { args: ["-l", this.path], stderr: "null" }).outputSync();
    Deno.removeSync(this.path);
  }
}

function mount(args: readonly string[]): boolean {
  try {
    return new Deno.Command("mount", { args: [...args], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** True if file systems may be mounted: by root, outside of most containers. */
export const MAY_MOUNT: boolean = mayMount();

function mayMount(): boolean {
  try {
    using disk = new SmallDisk(4096);
    return disk.path !== "";
  } catch {
    return false;
  }
}

/** Registers a test that needs small disks; without the right to mount them it is skipped, with the reason in its name. */
export function diskTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: MAY_MOUNT ? name : `${name} (skipped: not allowed to mount)`, ignore: !MAY_MOUNT, fn });
}
