import type { Command } from 'commander'
import type { CliDeps } from './deps.ts'

export type Register = (program: Command, deps: CliDeps) => void

export interface Verb {
  readonly name: string
  readonly summary: string
  /** Loaded only when it is called for: the command line is up before most of Flota is read from the disk. */
  readonly load: () => Promise<Register>
}

/** Every verb, in the order of the help. */
export const verbs: readonly Verb[] = [
  {
    name: 'up',
    summary: 'make a cluster, or what is missing of it',
    load: async () => (await import('./verbs/up.ts')).registerUp,
  },
  {
    name: 'down',
    summary: 'take a cluster away',
    load: async () => (await import('./verbs/down.ts')).registerDown,
  },
  {
    name: 'list-machines',
    summary: 'list the machines of the cluster',
    load: async () => (await import('./verbs/list-machines.ts')).registerListMachines,
  },
  {
    name: 'list-units',
    summary: 'list units as systemd on their machines sees them',
    load: async () => (await import('./verbs/list-units.ts')).registerListUnits,
  },
  {
    name: 'list-unit-files',
    summary: 'list units as they were asked for',
    load: async () => (await import('./verbs/list-unit-files.ts')).registerListUnitFiles,
  },
  {
    name: 'submit',
    summary: 'upload units without starting them',
    load: async () => (await import('./verbs/submit.ts')).registerSubmit,
  },
  {
    name: 'load',
    summary: 'place units on machines, submitting them where needed',
    load: async () => (await import('./verbs/load.ts')).registerLoad,
  },
  {
    name: 'start',
    summary: 'start units, submitting and loading them where needed',
    load: async () => (await import('./verbs/start.ts')).registerStart,
  },
  {
    name: 'stop',
    summary: 'stop units and leave them on their machines',
    load: async () => (await import('./verbs/stop.ts')).registerStop,
  },
  {
    name: 'restart',
    summary: 'stop and start units again, one after the other',
    load: async () => (await import('./verbs/restart.ts')).registerRestart,
  },
  {
    name: 'scale',
    summary: 'run so many numbered instances of a template',
    load: async () => (await import('./verbs/scale.ts')).registerScale,
  },
  {
    name: 'unload',
    summary: 'stop units and take them off their machines',
    load: async () => (await import('./verbs/unload.ts')).registerUnload,
  },
  {
    name: 'destroy',
    summary: 'stop units and forget them',
    load: async () => (await import('./verbs/destroy.ts')).registerDestroy,
  },
  {
    name: 'cat',
    summary: 'print a unit file as the cluster has it',
    load: async () => (await import('./verbs/cat.ts')).registerCat,
  },
  {
    name: 'status',
    summary: "print systemd's status of units",
    load: async () => (await import('./verbs/status.ts')).registerStatus,
  },
  {
    name: 'journal',
    summary: "print a unit's journal",
    load: async () => (await import('./verbs/journal.ts')).registerJournal,
  },
  {
    name: 'logs',
    summary: 'print the logs of units, merged over their machines',
    load: async () => (await import('./verbs/logs.ts')).registerLogs,
  },
  {
    name: 'why',
    summary: 'tell why a unit is where it is, or nowhere',
    load: async () => (await import('./verbs/why.ts')).registerWhy,
  },
  {
    name: 'ssh',
    summary: 'open a shell or run a command on a machine',
    load: async () => (await import('./verbs/ssh.ts')).registerSsh,
  },
  {
    name: 'route',
    summary: 'set or remove what the balancers serve',
    load: async () => (await import('./verbs/route.ts')).registerRoute,
  },
  {
    name: 'routes',
    summary: 'list what the balancers serve',
    load: async () => (await import('./verbs/routes.ts')).registerRoutes,
  },
  {
    name: 'balancer',
    summary: 'run nginx over the healthy instances of every route',
    load: async () => (await import('./verbs/balancer.ts')).registerBalancer,
  },
  {
    name: 'use',
    summary: 'choose the cluster that the next commands mean',
    load: async () => (await import('./verbs/use.ts')).registerUse,
  },
  {
    name: 'contexts',
    summary: 'list the clusters that are known here',
    load: async () => (await import('./verbs/contexts.ts')).registerContexts,
  },
  {
    name: 'proxy',
    summary: "serve the cluster's API on a local port",
    load: async () => (await import('./verbs/proxy.ts')).registerProxy,
  },
  {
    name: 'discovery',
    summary: 'serve and use etcd discovery URLs',
    load: async () => (await import('./verbs/discovery.ts')).registerDiscovery,
  },
  {
    name: 'cloud-config',
    summary: "check and apply a machine's user-data",
    load: async () => (await import('./verbs/cloud-config.ts')).registerCloudConfig,
  },
  {
    name: 'import',
    summary: 'take over the units of a fleet cluster',
    load: async () => (await import('./verbs/import.ts')).registerImport,
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: async () => (await import('./verbs/completion.ts')).registerCompletion,
  },
  {
    name: 'fd-forward',
    summary: 'copy standard input and output to and from a unix socket',
    load: async () => (await import('./verbs/fd-forward.ts')).registerFdForward,
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./verbs/version.ts')).registerVersion,
  },
]
