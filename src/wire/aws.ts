import type { CredentialSchema } from '../contract/credential-schema.ts'
import { assumeRole } from './assume-role.ts'
import { sigv4 } from './sigv4.ts'

/**
 * Who calls a service of AWS: a bearer key of the service's own, or keys of an account that sign, by themselves or in a role that they
 * take on. Names as in AWS's own environment and files: https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
 */
export function awsCredentials(service: string): CredentialSchema {
  const auth = sigv4(service)
  const keys = ['access_key_id', 'secret_access_key']
  return {
    parts: PARTS,
    ways: [
      { name: 'an API key of the service', needs: ['key'], takes: ['region'] },
      {
        ...{ name: 'a role that an access key takes on', needs: ['role_arn', ...keys], takes: ['session_token', 'external_id', 'region'] },
        ...{ principal: 'access_key_id', auth, mint: assumeRole({ url: 'https://sts.{region}.amazonaws.com/' }) },
      },
      { name: 'an access key', needs: keys, takes: ['session_token', 'region'], principal: 'access_key_id', auth },
    ],
  }
}

const PARTS: CredentialSchema['parts'] = {
  key: { means: 'an API key', secret: true, aliases: ['api_key', 'bearer_token'] },
  access_key_id: {
    means: 'the id of an access key',
    secret: true,
    shape: /^[A-Z0-9]{16,128}$/,
    aliases: ['aws_access_key_id', 'accessKeyId'],
    env: ['AWS_ACCESS_KEY_ID'],
  },
  secret_access_key: {
    means: 'the secret of an access key',
    secret: true,
    aliases: ['aws_secret_access_key', 'secretAccessKey'],
    env: ['AWS_SECRET_ACCESS_KEY'],
  },
  session_token: {
    means: 'the token of temporary credentials',
    secret: true,
    aliases: ['aws_session_token', 'sessionToken'],
    env: ['AWS_SESSION_TOKEN'],
  },
  role_arn: {
    means: 'the ARN of a role',
    secret: false,
    shape: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
    aliases: ['aws_role_arn', 'roleArn'],
    env: ['AWS_ROLE_ARN'],
  },
  external_id: { means: 'the external id that the role asks for', secret: true, shape: /^[\w+=,.@:/-]{2,1224}$/, aliases: ['externalId'] },
  // A host is made of it, so it is a region's name and nothing else.
  region: {
    means: 'a region of AWS, such as us-east-1',
    secret: false,
    shape: /^[a-z]{2}(?:-gov)?-[a-z]{4,9}-\d$/,
    aliases: ['aws_region'],
    env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    fallback: 'us-east-1',
  },
}
