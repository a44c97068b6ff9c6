// A disk that is small, and can be full.

import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Written at a time: so little is left at most on a disk that was filled. */
const CHUNK = Buffer.alloc(4_096);

export class Disk {
  /**
   * A file system of this size (`1m`), thrown away with the test; nothing where this user may not
   * mount one.
   */
  static async mount(t, size) {
    const disk = new Disk(await mkdtemp(join(tmpdir(), "hearth-disk-")));
    const options = ["-t", "tmpfs", "-o", `size=${size}`, "none", disk.path];
    let mounted = true;
    try {
      execFileSync("mount", options, { stdio: "ignore" });
    } catch {
      mounted = false;
    }
    t.after(async () => {
      for (const program of disk.programs) await program.stop();
      if (mounted) execFileSync("umount", ["--lazy", disk.path]);
      await rm(disk.path, { recursive: true });
    });
    if (!mounted) t.skip("a small disk can only be mounted as root");
    return mounted ? disk : undefined;
  }

  constructor(path) {
    this.path = path;
    this.programs = [];
  }

  /** A host or a copy whose folder is this disk, not started yet. */
  holds(program) {
    this.programs.push(program);
    return program;
  }

  /** Writes a file until nothing more fits, or of so many bytes. */
  fill(bytes = Infinity) {
    // In one go: tens of thousands of small writes in turn with everything else here take long.
    const file = openSync(join(this.path, "filling"), "w");
    try {
      for (let written = 0; written < bytes; written += CHUNK.length) writeSync(file, CHUNK);
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Throws that file away. */
  async clear() {
    await rm(join(this.path, "filling"));
  }

  resize(size) {
    execFileSync("mount", ["-o", `remount,size=${size}`, this.path]);
  }
}
