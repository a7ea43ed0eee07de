import type { Provider } from '../src/contract/provider.ts'
import { ai21 } from './ai21.ts'
import { alibabaCodingPlan } from './alibaba-coding-plan.ts'
import { anthropic } from './anthropic.ts'
import { azure } from './azure.ts'
import { azureAnthropic } from './azure-anthropic.ts'
import { azureDeployments } from './azure-deployments.ts'
import { baseten } from './baseten.ts'
import { bedrock } from './bedrock.ts'
import { bedrockMantle } from './bedrock-mantle.ts'
import { cerebras } from './cerebras.ts'
import { chutes } from './chutes.ts'
import { codestral } from './codestral.ts'
import { cohere } from './cohere.ts'
import { dashscope } from './dashscope.ts'
import { deepinfra } from './deepinfra.ts'
import { deepseek } from './deepseek.ts'
import { demo } from './demo.ts'
import { dockerModelRunner } from './docker-model-runner.ts'
import { fireworks } from './fireworks.ts'
import { friendli } from './friendli.ts'
import { google } from './google.ts'
import { groq } from './groq.ts'
import { helicone } from './helicone.ts'
import { huggingface } from './huggingface.ts'
import { hyperbolic } from './hyperbolic.ts'
import { inferenceNet } from './inference-net.ts'
import { jina } from './jina.ts'
import { kimiCoding } from './kimi-coding.ts'
import { llama } from './llama.ts'
import { llamacpp } from './llamacpp.ts'
import { llamafile } from './llamafile.ts'
import { lmstudio } from './lmstudio.ts'
import { localai } from './localai.ts'
import { meta } from './meta.ts'
import { minimax } from './minimax.ts'
import { minimaxCn } from './minimax-cn.ts'
import { mistral } from './mistral.ts'
import { moonshot } from './moonshot.ts'
import { moonshotCn } from './moonshot-cn.ts'
import { nebius } from './nebius.ts'
import { novita } from './novita.ts'
import { nvidia } from './nvidia.ts'
import { ollama } from './ollama.ts'
import { ollamaCloud } from './ollama-cloud.ts'
import { openai } from './openai.ts'
import { opencodeZen } from './opencode-zen.ts'
import { openrouter } from './openrouter.ts'
import { ovhcloud } from './ovhcloud.ts'
import { parasail } from './parasail.ts'
import { perplexity } from './perplexity.ts'
import { poe } from './poe.ts'
import { qwenTokenPlan } from './qwen-token-plan.ts'
import { qwenTokenPlanCn } from './qwen-token-plan-cn.ts'
import { requesty } from './requesty.ts'
import { sambanova } from './sambanova.ts'
import { scaleway } from './scaleway.ts'
import { sglang } from './sglang.ts'
import { siliconflow } from './siliconflow.ts'
import { siliconflowCn } from './siliconflow-cn.ts'
import { stepfun } from './stepfun.ts'
import { tencent } from './tencent.ts'
import { tencentTokenhub } from './tencent-tokenhub.ts'
import { tgi } from './tgi.ts'
import { together } from './together.ts'
import { upstage } from './upstage.ts'
import { venice } from './venice.ts'
import { vercel } from './vercel.ts'
import { vertex } from './vertex.ts'
import { vertexAnthropic } from './vertex-anthropic.ts'
import { vertexExpress } from './vertex-express.ts'
import { vertexOpenai } from './vertex-openai.ts'
import { vllm } from './vllm.ts'
import { volcengine } from './volcengine.ts'
import { voyage } from './voyage.ts'
import { wandb } from './wandb.ts'
import { writer } from './writer.ts'
import { xai } from './xai.ts'
import { xiaomi } from './xiaomi.ts'
import { xinference } from './xinference.ts'
import { zai } from './zai.ts'
import { zaiCoding } from './zai-coding.ts'
import { zaiCodingCn } from './zai-coding-cn.ts'

/** The roll-call: every provider that is shipped, by id. */
export const providers: readonly Provider[] = [
  ai21,
  alibabaCodingPlan,
  anthropic,
  azure,
  azureAnthropic,
  azureDeployments,
  baseten,
  bedrock,
  bedrockMantle,
  cerebras,
  chutes,
  codestral,
  cohere,
  dashscope,
  deepinfra,
  deepseek,
  demo,
  dockerModelRunner,
  fireworks,
  friendli,
  google,
  groq,
  helicone,
  huggingface,
  hyperbolic,
  inferenceNet,
  jina,
  kimiCoding,
  llama,
  llamacpp,
  llamafile,
  lmstudio,
  localai,
  meta,
  minimax,
  minimaxCn,
  mistral,
  moonshot,
  moonshotCn,
  nebius,
  novita,
  nvidia,
  ollama,
  ollamaCloud,
  openai,
  opencodeZen,
  openrouter,
  ovhcloud,
  parasail,
  perplexity,
  poe,
  qwenTokenPlan,
  qwenTokenPlanCn,
  requesty,
  sambanova,
  scaleway,
  sglang,
  siliconflow,
  siliconflowCn,
  stepfun,
  tencent,
  tencentTokenhub,
  tgi,
  together,
  upstage,
  venice,
  vercel,
  vertex,
  vertexAnthropic,
  vertexExpress,
  vertexOpenai,
  vllm,
  volcengine,
  voyage,
  wandb,
  writer,
  xai,
  xiaomi,
  xinference,
  zai,
  zaiCoding,
  zaiCodingCn,
]
