import { expect, it } from 'vitest'
import { Life, oneShot, sleeper, TestMachine } from './test-agent.ts'

const other = '[Service]\nExecStart=/bin/sleep 1000\n\n[Install]\nWantedBy=multi-user.target\n'

interface Story {
  readonly title: string
  /** What was there before the agent that dies. */
  readonly before: (machine: TestMachine) => Promise<void>
  /** What changes while it lives. */
  readonly change: (machine: TestMachine) => Promise<void>
  readonly running: readonly string[]
  readonly files: readonly string[]
}

const stories: readonly Story[] = [
  {
    title: 'a start',
    before: (machine) => machine.schedule('kept.service'),
    change: (machine) => machine.schedule('a.service'),
    running: ['a.service', 'kept.service'],
    files: ['/launches/a.service.json', '/launches/kept.service.json', '/units/a.service', '/units/kept.service'],
  },
  {
    title: 'a stop',
    before: (machine) => machine.schedule('a.service'),
    change: (machine) => machine.schedule('a.service', { desired: 'loaded' }),
    running: [],
    files: ['/units/a.service'],
  },
  {
    title: 'the end of a unit',
    before: (machine) => machine.schedule('a.service'),
    change: (machine) => machine.unschedule('a.service'),
    running: [],
    files: [],
  },
  {
    title: 'another content',
    before: (machine) => machine.schedule('a.service'),
    change: (machine) => machine.schedule('a.service', { text: other, generation: 2 }),
    running: ['a.service'],
    files: ['/launches/a.service.json', '/units/a.service'],
  },
]

async function play(story: Story, life: Life): Promise<TestMachine> {
  const machine = new TestMachine()
  const first = machine.start()
  await story.before(machine)
  await first.stop()
  machine.start(life)
  await machine.settle()
  await story.change(machine)
  return machine
}

it.each(stories)('finishes $title wherever the agent was killed', async (story) => {
  const whole = new Life()
  await play(story, whole)
  expect(whole.steps).toBeGreaterThan(10)
  for (let lastStep = 0; lastStep <= whole.steps; lastStep++) {
    const machine = await play(story, new Life(lastStep))
    const runningBefore = machine.systemd.running()
    machine.calls()
    machine.start()
    await machine.pass(1_000)
    expect([...machine.systemd.running().keys()].toSorted(), `killed after ${lastStep} steps`).toEqual(story.running)
    expect([...machine.files.keys()].toSorted(), `killed after ${lastStep} steps`).toEqual(story.files)
    expect(machine.calls().filter((call) => call.endsWith('kept.service') && !call.startsWith('link'))).toEqual([])
    const kept = runningBefore.get('kept.service' as never)
    expect(machine.pidOf('kept.service')).toBe(kept)
  }
})

it('starts a running unit only once wherever the agent was killed', async () => {
  const story = stories[0]
  if (story === undefined) throw new Error('no story')
  const whole = new Life()
  await play(story, whole)
  for (let lastStep = 0; lastStep <= whole.steps; lastStep++) {
    const machine = await play(story, new Life(lastStep))
    const pid = machine.pidOf('a.service')
    machine.start()
    await machine.pass(1_000)
    if (pid !== undefined) expect(machine.pidOf('a.service'), `killed after ${lastStep} steps`).toBe(pid)
  }
})

it('runs a one-shot unit once, or twice when killed between its start and the note of it', async () => {
  const story: Story = {
    title: 'a one-shot unit',
    before: (machine) => machine.schedule('kept.service', { text: sleeper }),
    change: (machine) => machine.schedule('once.service', { text: oneShot }),
    running: [],
    files: [],
  }
  const whole = new Life()
  await play(story, whole)
  for (let lastStep = 0; lastStep <= whole.steps; lastStep++) {
    const machine = await play(story, new Life(lastStep))
    const wasNoted = machine.files.get('/launches/once.service.json')?.includes('"started"') === true
    machine.start()
    await machine.pass(1_000)
    const starts = machine.systemd.calls.filter((call) => call === 'start once.service').length
    expect(starts, `killed after ${lastStep} steps`).toBeGreaterThan(0)
    expect(starts, `killed after ${lastStep} steps`).toBeLessThanOrEqual(wasNoted ? 1 : 2)
  }
})

it('never starts a unit again when it is killed after the start was noted, however often', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  const pid = machine.pidOf('a.service')
  machine.calls()
  for (let lastStep = 0; lastStep < 40; lastStep++) {
    machine.start(new Life(lastStep))
    await machine.settle()
  }
  expect(machine.pidOf('a.service')).toBe(pid)
  expect(machine.calls().filter((call) => !call.startsWith('link'))).toEqual([])
})
