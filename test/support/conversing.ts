import { bedrockConverse } from '../../providers/bedrock/converse.ts'
import { cohereChat } from '../../providers/cohere/chat.ts'
import type { UpstreamDialect } from '../../src/contract/dialect.ts'
import { conversing as common } from '../../src/dialects/dialects.ts'

/** Every dialect that holds a conversation, those that live with their one speaker too. */
export const conversing: readonly UpstreamDialect[] = [...common, bedrockConverse, cohereChat]
