import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, inRange } from '../../src/wire/cidr.ts'

describe('an address range', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['192.168.1.130', '192.168.1.128/25', true],
    ['192.168.1.127', '192.168.1.128/25', false],
    ['8.8.8.8', '0.0.0.0/0', true],
    ['2001:db8::1', '0.0.0.0/0', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['2001:db8::1', '2001:DB8:0:0::/64', true],
    ['2001:db8:0:1::1', '2001:db8::/64', false],
    ['::1', '::1', true],
    ['::', '::/128', true],
  ])('%s in %s: %s', (address, range, expected) => {
    expect(inRange(address, range)).toBe(expected)
  })

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '1::2::3/8',
    '::/129',
    'localhost',
    '10.0.0.0 /8',
  ])('that does not parse (%j) holds nothing', (range) => {
    expect(['10.0.0.1', '0.0.0.0', '::', '1::3'].filter((address) => inRange(address, range))).toEqual([])
  })

  it('agrees with the runtime about what an address is', () => {
    const nearly = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/))
    fc.assert(
      fc.property(nearly, (text) => {
        expect(addressOf(text) !== undefined, text).toBe(isIP(text) !== 0)
      }),
    )
  })

  it('agrees with the runtime about who is inside', () => {
    const v4 = fc.tuple(fc.ipV4(), fc.ipV4(), fc.nat(32), fc.constant('ipv4' as const))
    const v6 = fc.tuple(fc.ipV6(), fc.ipV6(), fc.nat(128), fc.constant('ipv6' as const))
    fc.assert(
      fc.property(fc.oneof(v4, v6), ([address, base, prefix, family]) => {
        const list = new BlockList()
        list.addSubnet(base, prefix, family)
        expect(inRange(address, `${base}/${prefix}`)).toBe(list.check(address, family))
      }),
    )
  })
})
