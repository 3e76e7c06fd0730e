#!/usr/bin/env node
// cli.ts: the `alluvium` command.
import { main } from "./cli/main.ts";

process.stdout.on("error", () => undefined); // whoever writes is told
process.exitCode = await main(process.argv.slice(2));
