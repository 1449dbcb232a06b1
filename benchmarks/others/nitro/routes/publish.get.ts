import { publish } from '../room'

export default defineEventHandler((event) => {
  const { round, size } = getQuery(event)
  publish(Number(round), Number(size))
  return ''
})
