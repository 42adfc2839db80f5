/** Finding and loading of the vendor's libraries, and the calls through them. */
import { compileLibrary } from "../../drivers/compile_library.ts";
import { DriverLibrary } from "../../drivers/picoscope/driver_library.ts";
import { closeLibraries, listScopes, openFamily, openScope } from "../../drivers/picoscope/find_scopes.ts";
import { parsePrototypes } from "../../drivers/picoscope/foreign_symbols.ts";
import { installAdvice, LIBRARY_VARIABLE, libraryPaths } from "../../drivers/picoscope/library_paths.ts";
import { usbAdvice } from "../../drivers/picoscope/usb_advice.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../../src/std/assert.js";

const noEnv = () => undefined;

Deno.test("libraryPaths() tries the vendor's folder before the loader on Linux", () => {
  assertEquals(libraryPaths("ps5000a", { os: "linux", env: noEnv }), [
    "/opt/picoscope/lib/libps5000a.so.2",
    "/opt/picoscope/lib/libps5000a.so",
    "libps5000a.so.2",
    "libps5000a.so",
  ]);
});

Deno.test("libraryPaths() knows the framework and the application on macOS", () => {
  const paths = libraryPaths("ps3000a", { os: "darwin", env: noEnv });
  assertEquals(paths[0], "/Library/Frameworks/PicoSDK.framework/Libraries/libps3000a/libps3000a.dylib");
  assert(paths.includes("/Applications/PicoScope 7 T&M.app/Contents/Resources/libps3000a.dylib"));
  assertEquals(paths.at(-1), "libps3000a.dylib");
});

Deno.test("libraryPaths() knows the program folders on Windows", () => {
  const env = (name: string) => name === "ProgramFiles" ? "D:\\Programs" : undefined;
  const paths = libraryPaths("psospa", { os: "windows", env });
  assertEquals(paths[0], "D:\\Programs\\Pico Technology\\SDK\\lib\\psospa.dll");
  assert(paths.includes("D:\\Programs\\Pico Technology\\PicoScope 7 T&M Stable\\psospa.dll"));
  assertEquals(paths.at(-1), "psospa.dll");
});

Deno.test("libraryPaths() takes the environment variable first: files of the family, and folders", () => {
  const env = (name: string) => name === LIBRARY_VARIABLE ? "/a/libps5000a.so:/b/libps3000a.so.2:/c/" : undefined;
  assertEquals(libraryPaths("ps3000a", { os: "linux", env }).slice(0, 3), [
    "/b/libps3000a.so.2",
    "/c/libps3000a.so.2",
    "/c/libps3000a.so",
  ]);
});

Deno.test("libraryPaths() tries nothing but the path that was named", () => {
  assertEquals(libraryPaths("ps3000a", { os: "linux", env: noEnv, path: "/x/y.so" }), ["/x/y.so"]);
  assertEquals(libraryPaths("ps3000a", { os: "linux", env: noEnv, path: "/x" }), [
    "/x/libps3000a.so.2",
    "/x/libps3000a.so",
  ]);
});

Deno.test("openFamily() names the paths and the package when a library is nowhere", async () => {
  const folder = await Deno.makeTempDir();
  const error = assertThrows(() => openFamily("ps5000a", folder), Error);
  assertStringIncludes(error.message, "Cannot find the PicoScope library ps5000a");
  assertStringIncludes(error.message, `${folder}/libps5000a.so.2`);
  assertStringIncludes(error.message, "sudo apt install libps5000a");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openFamily() shows the loader's words when a library is there but does not load", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/libps5000a.so`, "no library");
  const error = assertThrows(() => openFamily("ps5000a", folder), Error);
  assertStringIncludes(error.message, `Cannot load the PicoScope library "${folder}/libps5000a.so": `);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openFamily() names all functions that a library lacks", async () => {
  const path = await compileLibrary("libps3000a_old", {
    "old.c": `
      #include <stdint.h>
      #define API __attribute__((visibility("default"))) uint32_t
      API ps3000aOpenUnit(int16_t *handle, int8_t *serial) { (void)handle; (void)serial; return 3; }
      API ps3000aCloseUnit(int16_t handle) { (void)handle; return 12; }
      API ps3000aIsReady(int16_t handle, int16_t *ready) { (void)handle; (void)ready; return 12; }
    `,
  });
  const error = assertThrows(() => openFamily("ps3000a", path), Error);
  assertStringIncludes(error.message, `Cannot use the PicoScope library "${path}"`);
  for (const name of ["ps3000aRunBlock", "ps3000aGetValuesBulk", "ps3000aGetUnitInfo", "ps3000aStop"]) {
    assertStringIncludes(error.message, name);
  }
  for (const name of ["ps3000aOpenUnit,", "ps3000aCloseUnit", "ps3000aIsReady"]) {
    assert(!error.message.includes(name), name);
  }
});

Deno.test("openScope() says which libraries it looked for when none is installed", async () => {
  const folder = await Deno.makeTempDir();
  const error = await assertRejects(() => openScope({ libraryPath: folder }), Error);
  assertStringIncludes(error.message, "expected the library of one of the families ps5000a, ps3000a");
  assertStringIncludes(error.message, LIBRARY_VARIABLE);
  await assertRejects(() => listScopes({ libraryPath: folder }), Error, "Cannot look for a PicoScope");
  closeLibraries();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("installAdvice() suits the system", () => {
  assertStringIncludes(installAdvice("ps2000a", "linux"), "libps2000a");
  assertStringIncludes(installAdvice("ps2000a", "windows"), "Windows");
  assertStringIncludes(installAdvice("ps2000a", "darwin"), "macOS");
});

Deno.test("usbAdvice() tells an empty bus, a missing udev rule and a unit in use apart", async () => {
  const folder = await Deno.makeTempDir();
  const folders = { devices: `${folder}/devices`, rules: [`${folder}/rules`] };
  assertStringIncludes(usbAdvice(folders), "no PicoScope is on the USB bus");
  await Deno.mkdir(`${folder}/devices/1-2`, { recursive: true });
  await Deno.writeTextFile(`${folder}/devices/1-2/idVendor`, "0ce9\n");
  assertStringIncludes(usbAdvice(folders), "without a udev rule");
  assertStringIncludes(usbAdvice(folders), "95-pico.rules");
  await Deno.mkdir(`${folder}/rules`);
  await Deno.writeTextFile(`${folder}/rules/95-pico.rules`, 'ATTR{idVendor}=="0ce9", MODE="0666"');
  assertStringIncludes(usbAdvice(folders), "another program");
  await Deno.remove(folder, { recursive: true });
});

const PROTOTYPES = parsePrototypes("Stop(int16_t handle) CloseUnit(int16_t handle) PingUnit(int16_t handle)");

/** A library that refuses calls while another one is under way, as the vendor's do. */
async function busyLibrary(): Promise<DriverLibrary> {
  const path = await compileLibrary("libbusy", {
    "busy.c": `
      #include <stdint.h>
      #include <unistd.h>
      #include <stdatomic.h>
      #define API __attribute__((visibility("default"))) uint32_t
      static atomic_int busy;
      static uint32_t run(int ms) {
        int idle = 0;
        if (!atomic_compare_exchange_strong(&busy, &idle, 1)) return 0x43;
        usleep(1000 * ms);
        atomic_store(&busy, 0);
        return 0;
      }
      API busyStop(int16_t handle) { (void)handle; return run(0); }
      API busyPingUnit(int16_t handle) { (void)handle; return atomic_load(&busy) ? 0x27 : 0; }
      API busyCloseUnit(int16_t handle) { return run(handle); }
    `,
  });
  return DriverLibrary.open({ prefix: "busy", prototypes: PROTOTYPES, required: ["Stop"] }, { path });
}

Deno.test("DriverLibrary.callLater() puts long calls one behind the other", async () => {
  using library = await busyLibrary();
  const statuses = await Promise.all([30, 30, 30].map((ms) => library.callLater("CloseUnit", ms)));
  assertEquals(statuses, [0, 0, 0]);
});

Deno.test("DriverLibrary.call() is repeated until a call of another thread is over", async () => {
  using library = await busyLibrary();
  const later = library.callLater("CloseUnit", 100);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(library.call("PingUnit", 1), 0x27);
  assertEquals(library.call("Stop", 1), 0);
  assertEquals(await later, 0);
});

Deno.test("DriverLibrary.call() refuses functions that the library lacks, and those of a closed one", async () => {
  const library = await busyLibrary();
  assertThrows(() => library.call("RunBlock", 1), TypeError, "Cannot call busyRunBlock: the library");
  assertEquals(library.has("RunBlock"), false);
  assertEquals(library.has("Stop"), true);
  library.close();
  library.close();
  assertThrows(() => library.call("Stop", 1), TypeError, "the library was closed");
});
