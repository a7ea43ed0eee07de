import type { CredentialSchema } from '../../src/contract/credential-schema.ts'
import { clientCredentials, machineToken } from '../../src/wire/oauth.ts'

/** What Azure OpenAI's own documentation asks tokens for, and what Foundry's does. */
export const OPENAI_AUDIENCE = 'https://cognitiveservices.azure.com'
export const FOUNDRY_AUDIENCE = 'https://ai.azure.com'

const BEARER = { header: 'authorization', prefix: 'Bearer ', part: 'access_token' }

const NAME = 'a name of letters, digits and dashes'

/**
 * A key of an Azure resource, or a token of Entra for it: brought, or fetched for an app registration or, on the platform's side, for
 * the virtual machine. https://learn.microsoft.com/azure/ai-foundry/openai/reference#authentication
 */
export const azureCredentials = (audience: string) =>
  ({
    parts: {
      key: { means: 'a key of the resource', secret: true, aliases: ['api_key'] },
      resource: {
        means: NAME,
        secret: false,
        // The whole address is taken, too, as Azure's portal shows it; only the name in it counts.
        shape: /^(?:https:\/\/)?([a-z0-9][a-z0-9-]{0,62})(?:\.(?:openai|services\.ai|cognitiveservices)\.azure\.com(?:\/\S*)?)?$/i,
        aliases: ['resource_name'],
        env: ['AZURE_RESOURCE_NAME', 'AZURE_OPENAI_RESOURCE_NAME', 'AZURE_OPENAI_ENDPOINT'],
      },
      access_token: { means: 'a token of Entra', secret: true, env: ['AZURE_OPENAI_AD_TOKEN'] },
      tenant_id: {
        means: 'the id of an Entra tenant',
        secret: false,
        shape: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        env: ['AZURE_TENANT_ID'],
      },
      client_id: { means: 'the id of an app registration', secret: false, env: ['AZURE_CLIENT_ID'] },
      client_secret: { means: 'its secret', secret: true, env: ['AZURE_CLIENT_SECRET'] },
      managed_identity: { means: '`on`', secret: false, shape: /^on$/, env: ['AZURE_MANAGED_IDENTITY'] },
    },
    ways: [
      { name: 'a key', needs: ['key'] },
      { name: 'a token of Entra', needs: ['access_token'], auth: BEARER },
      {
        name: 'an app registration',
        needs: ['client_secret', 'tenant_id', 'client_id'],
        auth: BEARER,
        mint: clientCredentials({
          url: 'https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token',
          scope: `${audience}/.default`,
        }),
      },
      {
        name: "the machine's identity",
        needs: ['managed_identity'],
        platformOnly: true,
        auth: BEARER,
        mint: machineToken({
          url: `http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(audience)}`,
          headers: { metadata: 'true' },
        }),
      },
    ],
    ignored: ['api_version'],
  }) satisfies CredentialSchema
