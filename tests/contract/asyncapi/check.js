// Holds an AsyncAPI document, with the schemas that it refers to, to the specification by AsyncAPI's own parser.
// `node check.js FILE` exits with 1 for an error or a warning, each on a line of its own.
import { Parser, fromFile } from "@asyncapi/parser";

const WARNING = 1;
const file = process.argv[2];
const { document, diagnostics } = await fromFile(new Parser(), file).parse();
const faults = diagnostics.filter((fault) => fault.severity <= WARNING);
for (const fault of faults) console.error(`${file} ${fault.path.join(".")}: ${fault.message} (${fault.code})`);
if (!document || faults.length > 0) process.exit(1);
console.log(`${file}: AsyncAPI ${document.version()}, ${document.allMessages().length} messages, no faults`);
