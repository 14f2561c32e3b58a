import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { ApiDoor } from './api-door.ts'

const request = new IncomingMessage(new Socket())
const response = new ServerResponse(request)
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('keeps who asks waiting until something answers, also while that is built anew', async () => {
  const door = new ApiDoor()
  const answers: string[] = []
  const answering = (name: string) => ({ routing: () => void answers.push(name) })
  door.onRequest(request, response)
  await turn()
  expect(answers).toEqual([])

  door.open(answering('first'))
  await turn()
  expect(answers).toEqual(['first'])

  door.shut()
  door.onRequest(request, response)
  await turn()
  expect(answers).toEqual(['first'])
  door.open(answering('second'))
  await turn()
  expect(answers).toEqual(['first', 'second'])
})
