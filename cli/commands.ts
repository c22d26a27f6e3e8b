import type { Command } from 'commander';

/** The commands by name. Each is loaded only when it is run: a preview needs no client of AWS. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  preview: async () => (await import('./preview/command.ts')).previewCommand,
  doctor: async () => (await import('./doctor/command.ts')).doctorCommand,
  drill: async () => (await import('./drill/command.ts')).drillCommand,
  status: async () => (await import('./status/command.ts')).statusCommand,
  readers: async () => (await import('./readers/command.ts')).readersCommand,
  mute: async () => (await import('./mute/command.ts')).muteCommand,
  spoke: async () => (await import('./spoke/command.ts')).spokeCommand,
  replay: async () => (await import('./replay/command.ts')).replayCommand,
};

/** The command of that name; `undefined` if there is none. */
export async function findCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.() : undefined;
}
