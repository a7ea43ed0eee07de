import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://lmstudio.ai/docs/developer/openai-compat
export const lmstudio = defineProvider({
  id: 'lmstudio',
  name: 'LM Studio',
  dialect: openaiChat,
  apiKeyEnv: 'LMSTUDIO_API_KEY',
  envAliases: ['LM_API_TOKEN', 'LM_STUDIO_API_KEY'],
  credential: 'none',
  quirks: { jsonModes: ['json_schema'] },
})
