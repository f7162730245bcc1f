import { describe, expect, it } from 'vitest'
import { proxyFor } from './no-proxy.js'

const proxies = { httpProxy: 'http://plain.proxy:3128', httpsProxy: 'secure.proxy:3128' }

function goesStraight(url: string, noProxy: string): boolean {
  return proxyFor(new URL(url), { ...proxies, noProxy }) === undefined
}

describe('proxyFor', () => {
  it('takes the proxy of the scheme, and http:// when the variable has no scheme', () => {
    expect(proxyFor(new URL('http://a.example/'), proxies)).toBe('http://plain.proxy:3128')
    expect(proxyFor(new URL('https://a.example/'), proxies)).toBe('http://secure.proxy:3128')
    expect(proxyFor(new URL('https://a.example/'), {})).toBeUndefined()
    expect(proxyFor(new URL('https://a.example/'), { httpsProxy: '' })).toBeUndefined()
  })

  it('never sends loopback addresses to a proxy', () => {
    for (const host of ['localhost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]:5000']) {
      expect(proxyFor(new URL(`https://${host}/`), proxies)).toBeUndefined()
    }
  })

  it.each([
    ['https://a.example/', '*'],
    ['https://a.example/', 'a.example'],
    ['https://A.EXAMPLE/', 'a.Example'],
    ['https://sub.a.example/', 'a.example'],
    ['https://sub.a.example/', '.a.example'],
    ['https://sub.a.example/', '*.a.example'],
    ['https://a.example:5000/', 'a.example:5000'],
    ['https://a.example/', 'a.example:443'],
    ['https://a.example/', 'x, y  a.example'],
    ['https://10.1.2.3/', '10.0.0.0/8'],
    ['https://10.1.2.3/', '10.1.2.3'],
    ['https://10.1.2.3:5000/', '10.1.2.3:5000'],
    ['https://[fd00::12]/', 'fd00::/8'],
    ['https://[fd00::12]/', 'fd00::12'],
    ['https://[fd00::12]:5000/', '[fd00::12]:5000'],
  ])('goes straight to %s with NO_PROXY %s', (url, noProxy) => {
    expect(goesStraight(url, noProxy)).toBe(true)
  })

  it.each([
    ['https://a.example/', ''],
    ['https://ba.example/', 'a.example'],
    ['https://a.example/', '.a.example'],
    ['https://a.example/', '*.a.example'],
    ['https://a.example:5000/', 'a.example:443'],
    ['https://11.1.2.3/', '10.0.0.0/8'],
    ['https://10.1.2.3/', '10.1.2.0/999'],
    ['https://10.1.2.3/', '10.1.2.3/x'],
    ['https://host10.example/', '10.0.0.0/8'],
  ])('goes by the proxy to %s with NO_PROXY %s', (url, noProxy) => {
    expect(goesStraight(url, noProxy)).toBe(false)
  })
})
