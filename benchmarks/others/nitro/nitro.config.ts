// Nitro's experimental WebSocket, as the system that this project grew from used it.
export default defineNitroConfig({
  preset: 'node-server',
  compatibilityDate: '2025-01-01',
  experimental: { websocket: true },
})
