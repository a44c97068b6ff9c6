import { createContext } from 'svelte';
import type { Route } from './route.svelte';
import type { SessionClient } from './session-client.svelte';

/** The session that the views below are about. */
export const [useSession, provideSession] = createContext<SessionClient>();

/** Where in it one is. */
export const [useRoute, provideRoute] = createContext<Route>();
