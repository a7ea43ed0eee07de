import type { Upstream } from '../contract/upstream.ts'

/** Built-in providers answer in process, all others on a socket. */
export function route(builtin: Upstream, sockets: Upstream): Upstream {
  return {
    send: (request, listener) => (request.provider.builtin === true ? builtin : sockets).send(request, listener),
    close: async () => {
      await Promise.all([builtin.close(), sockets.close()])
    },
  }
}
