/** Whether others on the network could read along with a page that was opened there. */
export function readableByOthers({ protocol, hostname }: { protocol: string; hostname: string }) {
  const here = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
  return protocol === 'http:' && !here.test(hostname);
}
