import type { Command } from 'commander'
import type { CliDeps } from '../deps.ts'

export function registerBalancer(program: Command, deps: CliDeps): void {
  program
    .command('balancer')
    .description('run nginx over the healthy instances of every route')
    .action(async () => {
      const { runBalancerCommand } = await import('../../daemon/balancer.ts')
      await runBalancerCommand(deps.interrupted())
    })
}
