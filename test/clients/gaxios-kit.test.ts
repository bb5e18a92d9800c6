import { clientKit } from '../http/client-kit.ts'
import { client } from './gaxios-kit-client.ts'

// not the values in every place: gaxios encodes its URLs, so that a reference in one is text
clientKit(client, ['redirects', 'URL tricks', 'failures', 'bodies', 'resends', 'debug output'])
