/** Without the slash at its end: shorter to read and to type; browsers add it again. */
export function readable(url: string): string {
  return url.replace(/\/$/, '');
}

/** The address an invitation leads to, without what opens the door. */
export function placeOf(invitation: string): string {
  return new URL(invitation).origin;
}

/** The same invitation at another address of the host. */
export function invitationAt(address: string, invitation: string): string {
  return `${new URL(address).origin}/${new URL(invitation).hash}`;
}

/** The same invitation for the app, which the system opens by its own scheme. */
export function appInvitation(invitation: string): string {
  const { hostname, port, protocol, hash } = new URL(invitation);
  return `hearth://${hostname}:${port || (protocol === 'https:' ? 443 : 80)}/${hash}`;
}

/** Whether only the computer it names gets there. */
export function isLoopback(url: string): boolean {
  return /^(localhost$|127\.[\d.]+$|\[::1\]$)/.test(new URL(url).hostname);
}
