import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * Ends what a dead parent left. It reads what to keep an eye on from its standard input, which closes when the parent ends, however it
 * ends: then the processes that are left are killed with all of their group, and the directories removed.
 */
const SCRIPT = `
pids=' '
while IFS=' ' read -r verb what; do
  case $verb in
    kill) pids="$pids$what " ;;
    spare) case $pids in *" $what "*) pids="\${pids%% "$what" *} \${pids#* "$what" }" ;; esac ;;
    remove) set -- "$@" "$what" ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
[ $# -eq 0 ] || rm -rf -- "$@"
`

let keeper: ChildProcess | undefined

function tell(line: string): void {
  keeper ??= startKeeper()
  keeper.stdin?.write(`${line}\n`)
}

/** Out of reach of the terminal's Ctrl-C, and no reason for this process to stay. */
function startKeeper(): ChildProcess {
  const child = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  return child
}

/** From now on the process group does not outlive this process. */
export const killAtExit = (pid: number): void => tell(`kill ${pid}`)

/** The process has ended by itself: its number may soon be another's. */
export const spareAtExit = (pid: number): void => tell(`spare ${pid}`)

/** From now on the directory does not outlive this process. */
export const removeAtExit = (directory: string): void => tell(`remove ${directory}`)
