// Installs the agents where they are not yet (some 1.2 GB) and has each of them do a turn through the gateway.
import { install, node } from '../support/side-package.ts'

const folder = import.meta.dirname

install(folder)
node('agents', ['node_modules/vitest/vitest.mjs', 'run', '--config', `${folder}/vitest.config.ts`])
