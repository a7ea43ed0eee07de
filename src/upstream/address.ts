import { BlockList, isIP } from 'node:net'

// Special-purpose addresses (IANA's registries of RFC 6890) and the metadata services of clouds that answer on public ones.
const NOT_GLOBAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]

/** Global unicast, and the two forms that hold an IPv4 address which is judged as such: v4-mapped and NAT64 (RFC 6052). */
const GLOBAL_V6 = ['2000::/3', '::ffff:0:0/96', '64:ff9b::/96']

/** Teredo and 6to4 hold IPv4 addresses too, but both are dead (RFC 7526), so they are blocked whole instead of decoded. */
const NOT_GLOBAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const global = blockList(GLOBAL_V6)
const special = blockList([
  ...NOT_GLOBAL_V4,
  ...NOT_GLOBAL_V6,
  ...NOT_GLOBAL_V4.flatMap((subnet) => [inside('::ffff:', subnet), inside('64:ff9b::', subnet)]),
])

/** True only of an IP address that anybody on the internet may be reached under. Anything that is not an address is not one. */
export function isGlobalUnicast(address: string): boolean {
  // A zone id names an interface of this machine.
  const family = address.includes('%') ? 0 : isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  return family === 6 && global.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/')
    list.addSubnet(net, Number(bits), isIP(net) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

/** The same IPv4 subnet within an IPv6 prefix of 96 bits. */
function inside(prefix: string, subnet: string): string {
  const [net = '', bits] = subnet.split('/')
  return `${prefix}${net}/${96 + Number(bits)}`
}
