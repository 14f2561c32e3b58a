/* eslint-disable */
// Made by openapi-typescript from /flota/v1/openapi.json; UPDATE=1 makes it anew (generated-client.test.ts).
export interface paths {
  '/fleet/v1/units': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Units, a page at a time */
    get: operations['listUnits']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/fleet/v1/units/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One unit */
    get: operations['getUnit']
    /** Create a unit, replace its content or set its desired state */
    put: operations['setUnit']
    post?: never
    /** Destroy a unit */
    delete: operations['destroyUnit']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/fleet/v1/state': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** States of units as systemd on their machines reports them, a page at a time */
    get: operations['listStates']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/fleet/v1/state/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The first state of one unit */
    get: operations['getState']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/fleet/v1/machines': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Machines that are present, a page at a time */
    get: operations['listMachines']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    /** Set or remove dynamic metadata of machines */
    patch: operations['patchMachines']
    trace?: never
  }
  '/fleet/v1/discovery': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Google's discovery document of fleet's API */
    get: operations['getDiscovery']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/routes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What is balanced, and how it is */
    get: operations['listRoutes']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/routes/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Balance over units */
    put: operations['setRoute']
    post?: never
    /** Balance something no more */
    delete: operations['removeRoute']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/units/{name}/why': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Why a unit is where it is, or nowhere */
    get: operations['explainUnit']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/units/{name}/restart': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Start a launched unit anew */
    post: operations['restartUnit']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What changes in the cluster, as server-sent events */
    get: operations['watchEvents']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/units/{name}/logs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The last lines of a unit in the journal of the machine that answers */
    get: operations['readLogs']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/flota/v1/openapi.json': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** This document */
    get: operations['getOpenApi']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** flotad in numbers, in Prometheus' text format */
    get: operations['getMetrics']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export type webhooks = Record<string, never>
export interface components {
  schemas: {
    Machine: {
      id?: string
      metadata?: {
        [key: string]: string
      }
      primaryIP?: string
    }
    MachinePage: {
      nextPageToken?: string
      machines?: components['schemas']['Machine'][]
    }
    UnitOption: {
      name?: string
      section?: string
      value?: string
    }
    Unit: {
      /** @enum {string} */
      currentState?: 'inactive' | 'loaded' | 'launched'
      /** @enum {string} */
      desiredState?: 'inactive' | 'loaded' | 'launched'
      machineID?: string
      name?: string
      options?: components['schemas']['UnitOption'][]
    }
    UnitBody: {
      desiredState?: string
      name?: string
      options?: components['schemas']['UnitOption'][]
    }
    UnitPage: {
      nextPageToken?: string
      units?: components['schemas']['Unit'][]
    }
    UnitState: {
      hash?: string
      machineID?: string
      name?: string
      systemdActiveState?: string
      systemdLoadState?: string
      systemdSubState?: string
    }
    UnitStatePage: {
      nextPageToken?: string
      states?: components['schemas']['UnitState'][]
    }
    MetadataOperation: {
      /** @enum {string} */
      op: 'add' | 'remove' | 'replace'
      path: string
      value?:
        | string
        | {
            value: string
          }
    }
    Error: {
      error: {
        code: number
        message: string
        hint?: string
      }
    }
    Route: {
      name: string
      url?: string
      units: string[]
      healthy: number
      total: number
      port: number
      /** @enum {string} */
      scheme: 'http' | 'https'
      error?: string
    }
    RouteBody: {
      units: string[]
      port: number
      /** @enum {string} */
      scheme: 'http' | 'https'
    }
    RouteList: {
      routes: components['schemas']['Route'][]
    }
    Place: {
      machineID: string
      primaryIP: string
      phase: string
      reason: string
      state?: {
        load: string
        active: string
        sub: string
      }
    }
    Why: {
      name: string
      /** @enum {string} */
      desiredState: 'inactive' | 'loaded' | 'launched'
      /** @enum {string} */
      currentState?: 'inactive' | 'loaded' | 'launched'
      generation: number
      isGlobal: boolean
      places: components['schemas']['Place'][]
      waiting?: {
        reason: string
        rejections: {
          machineID: string
          filter: string
          reason: string
        }[]
      }
    }
    Restart: {
      name: string
      generation: number
    }
    RestartBody: {
      after?: number
    }
    LogLine: {
      cursor: string
      time: string
      source: string
      message: string
    }
    Logs: {
      machineID: string
      lines: components['schemas']['LogLine'][]
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
export type $defs = Record<string, never>
export interface operations {
  listUnits: {
    parameters: {
      query?: {
        /** @description The token of the page before this one */
        nextPageToken?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UnitPage']
        }
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  getUnit: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Unit']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  setUnit: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['UnitBody']
      }
    }
    responses: {
      /** @description Created, or replaced by other content */
      201: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description Right input, wrong state of the system */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The body is not declared as JSON */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  destroyUnit: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description Right input, wrong state of the system */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  listStates: {
    parameters: {
      query?: {
        /** @description The token of the page before this one */
        nextPageToken?: string
        /** @description Only states of this unit */
        unitName?: string
        /** @description Only states on this machine */
        machineID?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UnitStatePage']
        }
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  getState: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UnitState']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  listMachines: {
    parameters: {
      query?: {
        /** @description The token of the page before this one */
        nextPageToken?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['MachinePage']
        }
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  patchMachines: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['MetadataOperation'][]
      }
    }
    responses: {
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description Right input, wrong state of the system */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  getDiscovery: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': Record<string, never>
        }
      }
    }
  }
  listRoutes: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RouteList']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  setRoute: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['RouteBody']
      }
    }
    responses: {
      /** @description Created, or replaced by other content */
      201: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description Right input, wrong state of the system */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The body is not declared as JSON */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  removeRoute: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description Right input, wrong state of the system */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  explainUnit: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Why']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  restartUnit: {
    parameters: {
      query?: never
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['RestartBody']
      }
    }
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Restart']
        }
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description Right input, wrong state of the system */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The body is not declared as JSON */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  watchEvents: {
    parameters: {
      query?: {
        /** @description The last revision that is known; Last-Event-ID wins over it */
        from?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': string
        }
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  readLogs: {
    parameters: {
      query?: {
        /** @description The last so many; with `after` the first so many */
        lines?: string
        /** @description The cursor of the last line that is known */
        after?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Logs']
        }
      }
      /** @description The input is wrong; asking again gives the same answer */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description There is no such thing */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
      /** @description The store is away; retry later */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Error']
        }
      }
    }
  }
  getOpenApi: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': Record<string, never>
        }
      }
    }
  }
  getMetrics: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description What was asked for */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/plain': string
        }
      }
    }
  }
}
