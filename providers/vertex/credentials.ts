import type { HeaderAuth } from '../../src/contract/auth.ts'
import type { CredentialSchema } from '../../src/contract/credential-schema.ts'
import { jwtBearer, machineToken, refreshToken } from '../../src/wire/oauth.ts'

const TOKEN_SERVICE = 'https://oauth2.googleapis.com/token'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

const PROJECT = /^[a-z0-9][a-z0-9-]{0,62}$/

export const bearer: HeaderAuth = { header: 'authorization', prefix: 'Bearer ', part: 'access_token' }

/**
 * A service account, a user's own login, a token, or on the platform's side the machine's account: what Google calls application default
 * credentials. The addresses in a credentials file are not followed. https://cloud.google.com/docs/authentication/application-default-credentials
 */
export const vertexCredentials = {
  parts: {
    credentials: {
      means: 'the text of a Google credentials file',
      secret: true,
      unfolds: true,
      aliases: ['service_account'],
      fileEnv: ['GOOGLE_APPLICATION_CREDENTIALS'],
    },
    client_email: { means: "a service account's address", secret: false, shape: /^[^\s@]+@[^\s@]+$/, env: ['GOOGLE_CLIENT_EMAIL'] },
    private_key: {
      means: 'its private key in PEM',
      secret: true,
      shape: /^-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END/,
      env: ['GOOGLE_PRIVATE_KEY'],
    },
    private_key_id: { means: 'the id of that key', secret: true, env: ['GOOGLE_PRIVATE_KEY_ID'] },
    client_id: { means: "a login's program", secret: false },
    client_secret: { means: "that program's secret", secret: true },
    refresh_token: { means: "a login's refresh token", secret: true },
    access_token: { means: 'a token of Google', secret: true, aliases: ['key'], env: ['GOOGLE_VERTEX_ACCESS_TOKEN'] },
    metadata: { means: '`on`', secret: false, shape: /^on$/, env: ['GOOGLE_VERTEX_METADATA'] },
    project: {
      means: 'the id of a Google Cloud project',
      secret: false,
      shape: PROJECT,
      aliases: ['project_id', 'quota_project_id'],
      env: ['GOOGLE_VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT'],
    },
    quota_project: { means: "the project a login's requests count for", secret: false, shape: PROJECT, aliases: ['quota_project_id'] },
    region: {
      means: 'a location of Google Cloud',
      secret: false,
      shape: /^(?:global|us|eu|[a-z]+-[a-z]+\d{1,2})$/,
      aliases: ['location'],
      env: ['GOOGLE_VERTEX_LOCATION', 'GOOGLE_CLOUD_LOCATION'],
      fallback: 'global',
    },
  },
  ways: [
    { name: 'a token', needs: ['access_token'], auth: bearer },
    {
      name: 'a service account',
      needs: ['client_email', 'private_key'],
      takes: ['private_key_id'],
      principal: 'private_key_id',
      auth: bearer,
      mint: jwtBearer({ url: TOKEN_SERVICE, audience: TOKEN_SERVICE, scope: SCOPE }),
    },
    {
      name: 'a login',
      needs: ['refresh_token', 'client_id', 'client_secret'],
      takes: ['quota_project'],
      auth: bearer,
      // A person's requests are counted for a project of theirs, not for the program's that they logged in with.
      headers: { 'x-goog-user-project': 'quota_project' },
      mint: refreshToken({ url: TOKEN_SERVICE }),
    },
    {
      name: "the machine's account",
      needs: ['metadata'],
      platformOnly: true,
      auth: bearer,
      mint: machineToken({
        url: 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token',
        headers: { 'metadata-flavor': 'Google' },
      }),
    },
  ],
  ignored: ['type', 'auth_uri', 'token_uri', 'auth_provider_x509_cert_url', 'client_x509_cert_url', 'universe_domain', 'account'],
} satisfies CredentialSchema
