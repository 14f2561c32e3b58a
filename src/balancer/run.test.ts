import { expect, test } from 'vitest'
import { run } from './run.ts'

test('run resolves to what the program printed on both streams', async () => {
  const output = await run(process.execPath, ['-e', 'console.log("out"); console.error("err")'], 'test')
  expect(output.split('\n').toSorted()).toEqual(['', 'err', 'out'])
})

test.each([
  [
    'the line that nginx marks',
    'console.error("a\\n[emerg] why\\nb"); process.exit(1)',
    /test with '.*': \[emerg\] why$/,
  ],
  ['the last line otherwise', 'console.error("a\\nb\\n"); process.exit(1)', /: b$/],
  ['the code when nothing was said', 'process.exit(3)', /: it ended with code 3$/],
])('run tells %s', async (_title, program, expected) => {
  await expect(run(process.execPath, ['-e', program], 'test')).rejects.toThrow(expected)
})

test('run names a program that is missing', async () => {
  await expect(run('/nowhere/nginx', [], 'test')).rejects.toThrow(/Cannot test with '\/nowhere\/nginx': .*ENOENT/)
})
