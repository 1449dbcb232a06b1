import { lock } from '../room'

export default defineEventHandler(() => {
  lock()
  return ''
})
