/** What the completion scripts call: it needs every verb's flags, and is no verb for people. */
export const completeVerb = 'complete'

/** fleetctl's own, kept so that scripts hear that it is gone. */
export const deprecatedVerb = 'verify'
