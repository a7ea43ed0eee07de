import type { CredentialSchema } from '../../src/contract/credential-schema.ts'
import { clientCredentials } from '../../src/wire/oauth.ts'

/** What Azure OpenAI's own documentation asks tokens for, and what Foundry's does. */
export const OPENAI_SCOPE = 'https://cognitiveservices.azure.com/.default'
export const FOUNDRY_SCOPE = 'https://ai.azure.com/.default'

const BEARER = { header: 'authorization', prefix: 'Bearer ', part: 'access_token' }

const NAME = 'a name of letters, digits and dashes'

/**
 * A key of an Azure resource, or a token of Entra for it: brought, or fetched for an app registration, for what `scope` names.
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference#authentication
 */
export const azureCredentials = (scope: string) =>
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
          scope,
        }),
      },
    ],
    ignored: ['api_version'],
  }) satisfies CredentialSchema
