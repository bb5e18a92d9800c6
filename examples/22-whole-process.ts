/** Everything that a process prints, in one line: its secrets come from the environment. */

// #region process
import { redactProcess } from 'guillemet/log/process'
import { createRedactor, envSecrets } from 'guillemet/redact'

const env = { STRIPE_API_KEY: 'sk-4c1f0e9d2b', DATABASE_URL: 'postgres://app:hunter2-pw@db/app', HOME: '/srv' } // process.env
redactProcess(createRedactor({ secrets: envSecrets(env) }))

console.log('charged with', env.STRIPE_API_KEY) // prints: charged with [secret:STRIPE_API_KEY]
console.log(env.DATABASE_URL, env.HOME) // prints: postgres://app:[secret:DATABASE_URL]@db/app /srv
// #endregion
