import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.wandb.ai/inference
export const wandb = defineProvider({
  id: 'wandb',
  name: 'W&B Inference',
  baseUrl: 'https://api.inference.wandb.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'WANDB_API_KEY',
  probePath: '/models',
})
