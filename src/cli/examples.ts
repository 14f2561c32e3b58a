export interface Example {
  /** What is typed after the program's name. */
  readonly line: string
  readonly meaning: string
}

const example = (line: string, meaning: string): Example => ({ line, meaning })

/** By verb, what its help shows. Each of them is run by a test. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  up: [
    example('up', 'four machines on this host, or what is missing of them'),
    example('up --name test --machines 3 --range 10.90.0.0/24', 'another cluster beside it'),
  ],
  down: [example('down --name test', 'remove a cluster and everything in it')],
  'list-machines': [
    example('list-machines', 'machines with address and metadata'),
    example('list-machines --fields=machine,metadata --no-legend', 'for scripts'),
    example('list-machines -o json', 'for programs'),
  ],
  'list-units': [
    example('list-units', 'what runs where'),
    example('list-units --watch', 'the same, shown again at each change'),
    example('list-units -o wide --full', 'every column, with whole ids and hashes'),
  ],
  'list-unit-files': [
    example('list-unit-files', 'what was asked for, and where it went'),
    example('list-unit-files --fields=unit,dstate,desc', 'chosen columns'),
    example('list-unit-files -o name', 'names only'),
  ],
  submit: [
    example('submit nano-container@.service', 'make a template known'),
    example("submit '*.service'", 'every unit file here'),
  ],
  load: [
    example('load hello.service', 'choose a machine, do not start yet'),
    example('load --no-block nano-container@3', 'do not wait for it'),
  ],
  start: [
    example('start hello.service', 'submit it where needed, place it, start it'),
    example('start nano-container@3 nano-container@4', 'instances of a template'),
    example('start --replace hello.service', 'with the content of the file here'),
    example('start --replace --instances nano-container@', 'a template and, one by one, its instances'),
    example('start --block-attempts=30 hello.service', 'wait a minute at most'),
  ],
  stop: [
    example('stop hello.service', 'stop it, and leave it on its machine'),
    example("stop 'nano-container@*'", 'every instance'),
  ],
  restart: [
    example('restart hello.service', 'stop it and start it again'),
    example("restart 'nano-container@*'", 'one instance after the other'),
  ],
  scale: [
    example('scale nano-container@=3', 'run instances 1, 2 and 3'),
    example('scale nano-container@=1', 'take the highest numbers away'),
  ],
  unload: [example('unload hello.service', 'stop it, and take it off its machine')],
  destroy: [
    example('destroy hello.service', 'stop it, and forget it'),
    example("destroy --no-block 'nano-container@*'", 'all instances, the template too, without waiting'),
  ],
  cat: [example('cat nano-container@1', 'the unit file as the cluster has it')],
  status: [
    example('status hello.service', "systemd's words about it"),
    example("status 'nano-container@*'", 'of every instance'),
  ],
  journal: [
    example('journal hello.service', 'the last ten lines'),
    example('journal -f --lines 50 hello.service', 'fifty lines, and what comes'),
  ],
  logs: [
    example('logs hello.service', 'the last ten lines, from whatever machine'),
    example("logs -f -n 50 'nano-container@*'", 'of all instances, in the order of time, and what comes'),
  ],
  why: [
    example('why hello.service', 'why it is where it is, or nowhere'),
    example('why -o json hello.service', 'the same for programs'),
  ],
  ssh: [
    example('ssh hello.service', 'a shell on the machine of a unit'),
    example('ssh 13135a8d uptime -p', 'a command on a machine'),
    example('ssh --unit nano-container@1 -- journalctl -n 5', 'a command on the machine of a unit'),
  ],
  'route set': [
    example("route set web --units 'nano-container@*' --port 8443 --scheme https", 'balance over the instances'),
  ],
  'route rm': [example('route rm nano', 'balance it no more')],
  routes: [
    example('routes', 'what is balanced, and how many instances are healthy'),
    example('routes -o yaml', 'for programs'),
  ],
  balancer: [example('balancer', 'what balancer.service runs, as a unit of the cluster')],
  use: [example('use one', 'the next commands mean this cluster')],
  contexts: [example('contexts', 'which clusters there are, and which is used')],
  proxy: [example('proxy --listen 127.0.0.1:8080', 'the API for curl and browsers')],
  'discovery serve': [
    example('discovery serve --listen 127.0.0.1:8087 --data-dir /var/lib/flota/discovery', 'for machines that boot'),
  ],
  'discovery new': [example('discovery new --size 3 --url http://127.0.0.1:8087', 'a URL for a new cluster')],
  'discovery show': [
    example('discovery show http://127.0.0.1:8087/3e86b59982e49066c5d813af1c2e2579', 'who has registered'),
  ],
  'discovery should-join': [example('discovery should-join', 'what etcd2.service asks before it starts')],
  'cloud-config apply': [
    example('cloud-config apply --dry-run --from-file user-data', 'what this machine would do at boot'),
  ],
  'cloud-config validate': [example('cloud-config validate user-data', 'errors and warnings, with their lines')],
  import: [
    example('import --from-etcd2 http://10.0.0.1:2379', 'what would be taken over from fleet'),
    example('import --from-dump fleet.json --yes', 'take it over'),
  ],
  completion: [
    example('completion bash', 'for ~/.bashrc: source <(flota completion bash)'),
    example('completion zsh', 'for ~/.zshrc: source <(flota completion zsh)'),
    example('completion fish', 'for config.fish: flota completion fish | source'),
  ],
  'fd-forward': [example('fd-forward /run/fleet.sock', 'what --tunnel runs on the far machine')],
  version: [example('version', 'which version this is')],
}
