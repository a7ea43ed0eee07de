import { asHub } from './one-shape.ts'

/** Moderation is free, and its answers count nothing. https://platform.openai.com/docs/api-reference/moderations */
export const openaiModerations = asHub({
  id: 'openai-moderations',
  family: 'moderations',
  path: '/moderations',
  content: 'input',
  readUsage: () => undefined,
})
