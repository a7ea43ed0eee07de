/** The text without any key of this gateway's own shape, which people paste into paths and models by mistake. */
export function withoutGatewayKeys(text: string): string {
  return text.replaceAll(GATEWAY_KEY, '[redacted]')
}

/** As they are minted, see `policy/gateway-keys.ts`. */
const GATEWAY_KEY = /sk-tg-[ast][0-9A-Za-z]{59}/g
