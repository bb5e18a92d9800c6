/** The commands and their options, and what is said when they are typed wrongly. No argument is ever repeated. */

import { Command, CommanderError, Option } from 'commander'
import { codeOf } from '../errors.ts'
import { withoutPrototype } from '../plain-object.ts'
import { SECRET_TYPES } from '../secrets/secret.ts'
import { CommandError, EXIT, type Host, Interrupted, note, UsageError, wordsOf } from './host.ts'
import { importFile } from './import.ts'
import { init } from './init.ts'
import { rewrap, rotate } from './key-commands.ts'
import { lintFiles } from './lint.ts'
import { listSecrets, remove, set, show } from './secrets.ts'
import { type CommonOptions, requireTypedName, type Session, withSession } from './session.ts'

const EXIT_CODES = `
Exit codes: 0 done · 1 not done, or not all of it · 2 typed wrongly · 130 and 143 interrupted.
Configuration: guillemet.config.{ts,js,mjs} that exports a vault; without one, the folder .secrets, and the key in
GUILLEMET_KEY or .secrets.key.`

/**
 * Runs what was typed.
 *
 * @returns the exit code
 */
export async function run(host: Host): Promise<number> {
  let exitCode: number = EXIT.done
  const program = createProgram(host, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...host.args], { from: 'user' })
    return exitCode
  } catch (error) {
    return tell(host, error)
  }
}

function createProgram(host: Host, end: (exitCode: number) => void): Command {
  const program = new Command('guillemet')
    .description('Keeps secrets encrypted, and puts references in their place.')
    .version(host.version)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      outputError: () => undefined, // its messages repeat what was typed, which may be a value
    })
  const inSession: InSession = (given, work) => {
    const options = withoutPrototype(given) // what was not typed must not be found on a polluted prototype
    requireTypedName(options.workspace, 'workspace')
    requireTypedName(options.environment, 'environment')
    return withSession(host, options, (session) => work(session, options)).then(end)
  }
  command(program, 'init', 'make the key and the keyring, where nothing is stored yet')
    .option('--print', 'show the key once, in place of writing it to .secrets.key')
    .action((options) => init(host, withoutPrototype(options)).then(end))
  addSecretCommands(program, host, inSession)
  program
    .command('lint')
    .description('show references that are written wrongly, and credentials that should be references')
    .argument('<file...>', 'YAML, JSON, .env, Markdown or another text; no vault and no key are needed')
    .option('--json', 'the result as JSON on standard output')
    .action((files, options) => lintFiles(host, files, withoutPrototype(options)).then(end))
  command(program, 'rotate', 'seal every record again under a new data key; the keys that wrap stay')
    .option('--dry-run', 'only open every record')
    .action((options) => inSession(options, (session, own) => rotate(host, session, own)))
  command(program, 'rewrap', 'wrap the data keys again with the keys of the vault; the records stay').action(
    (options) => inSession(options, (session) => rewrap(host, session)),
  )
  return program
}

type InSession = <Options extends CommonOptions>(
  options: Options,
  work: (session: Session, options: Options) => Promise<number>,
) => Promise<void>

function addSecretCommands(program: Command, host: Host, inSession: InSession): void {
  environmentCommand(program, 'set', 'store a secret, or give it another value, typed unseen or through standard input')
    .argument('<tag>', 'its name in references')
    .addOption(new Option('--type <type>', 'what it is').choices(SECRET_TYPES))
    .option('--name <name>', 'a name for people')
    .option('--allow-host <host...>', 'the hosts that it may be sent to, such as api.example.com or api.example.com/v2')
    .option('--allow-in <place...>', 'where it may stand, such as header:x-api-key, query:key or env')
    .option('--any-host', 'it may be sent anywhere, also where it was bound before')
    .option('--keep-value', 'the value stays; only the rule or the name changes')
    .action((tag, options) => inSession(options, (session, own) => set(host, session, tag, own)))
  environmentCommand(program, 'import', 'move the secrets of a .env file or a JSON map into the vault')
    .argument('<file>', 'such as .env; it gets references in place of the values')
    .option('--only <name...>', 'these names, whatever speaks against it')
    .option('--dry-run', 'only show what would happen')
    .option('--yes', 'do not ask')
    .action((file, options) => inSession(options, (session, own) => importFile(host, session, file, own)))
  environmentCommand(program, 'list', 'all secrets of an environment, without their values').action((options) =>
    inSession(options, (session) => listSecrets(host, session)),
  )
  environmentCommand(program, 'show', 'what is known of a secret, without its value')
    .argument('<tag>', 'its name in references')
    .action((tag, options) => inSession(options, (session) => show(host, session, tag)))
  environmentCommand(program, 'delete', 'delete a secret, for good')
    .argument('<tag>', 'its name in references')
    .option('--confirm <tag>', 'the tag once more, where nobody can be asked')
    .action((tag, options) => inSession(options, (session, own) => remove(host, session, tag, own)))
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--workspace <name>', 'whose secrets (default: that of the vault)')
    .option('--config <file>', 'the configuration, where it has another name')
    .option('--json', 'the result as JSON on standard output')
}

function environmentCommand(program: Command, name: string, description: string): Command {
  const environment = ['--environment <name>', 'which environment (default: that of the vault)'] as const
  return command(program, name, description).option(...environment)
}

/** Says what went wrong; the exit code. */
function tell(host: Host, error: unknown): number {
  if (error instanceof CommanderError) return tellUsage(host, error)
  if (error instanceof Interrupted) {
    note(host, 'Interrupted; nothing was changed.')
    return error.exitCode
  }
  if (error instanceof UsageError || error instanceof CommandError) {
    note(host, `guillemet: ${error.message}`)
    return error instanceof UsageError ? EXIT.usage : EXIT.failed
  }
  const code = codeOf(error)
  // an error of this library quotes nothing; the message of any other may quote anything
  const isOwn = error instanceof Error && error.name === 'GuillemetError'
  const message = isOwn ? error.message : 'Something failed that this command does not know.'
  note(host, `guillemet: ${message}${code === undefined ? '' : ` (${code})`}`)
  return EXIT.failed
}

const USAGE: Readonly<Record<string, string>> = {
  'commander.unknownCommand': 'There is no such command.',
  'commander.unknownOption': 'There is no such option.',
  'commander.excessArguments':
    'Too many arguments. A value is never one of them: it would stay in the history of the shell. If you typed one, change it where it was made, and type the command without it.',
  'commander.missingArgument': 'An argument is missing.',
  'commander.optionMissingArgument': 'The value of an option is missing.',
  'commander.invalidArgument': `The type must be one of ${SECRET_TYPES.join(', ')}.`,
}

function tellUsage(host: Host, { code, message }: CommanderError): number {
  // what was asked for: --help and --version
  if (code === 'commander.helpDisplayed' || code === 'commander.version') return EXIT.done
  if (code === 'commander.help') return EXIT.usage // no command: the help was shown
  // the only parts of a message that come from here, and not from what was typed; of that, plain words alone
  const [, meant] = /\(Did you mean (?:one of )?(-{0,2}[a-z-]+)/.exec(message) ?? []
  const [, missing] = /^error: missing required argument '(\w+)'$/.exec(message) ?? []
  const [, option] = /^error: unknown option '--?([^']{1,64})'/.exec(message) ?? []
  const words = option === undefined ? undefined : wordsOf(option)
  const hint = meant === undefined ? 'See: guillemet --help' : `Did you mean ${meant}?`
  let said = USAGE[code]
  if (missing !== undefined) said = `${missing.toUpperCase()} is missing: what follows the command.`
  if (words !== undefined) said = `There is no option --${words}.`
  note(host, `guillemet: ${said ?? 'This was not understood.'} ${hint}`)
  return EXIT.usage
}
