/**
 * The path that Go's ServeMux answers for `path`: without empty and dot segments, also where they are written as escapes. The same text
 * when it is clean already.
 */
export function cleanPath(path: string): string {
  const decoded = decode(path)
  if (decoded === undefined || !isUnclean(decoded)) return path
  const segments: string[] = []
  for (const segment of decoded.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  const clean = `/${segments.map(encodeURIComponent).join('/')}`
  return decoded.endsWith('/') && clean !== '/' ? `${clean}/` : clean
}

const isUnclean = (path: string): boolean => /\/\/|\/\.{1,2}(\/|$)/.test(path)

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
