import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://docs.docker.com/ai/model-runner/api-reference
export const dockerModelRunner = defineProvider({
  id: 'docker-model-runner',
  name: 'Docker Model Runner',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'DOCKER_MODEL_RUNNER_API_KEY',
  credential: 'none',
})
