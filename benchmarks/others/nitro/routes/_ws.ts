import { cast, peers } from '../room'

const participants = new WeakMap<object, string>()

export default defineWebSocketHandler({
  open(peer) {
    peers.add(peer)
    participants.set(peer, new URL(peer.request!.url!, 'http://localhost').searchParams.get('participant')!)
  },
  message(peer, message) {
    const received = JSON.parse(message.text())
    if (received.event !== 'vote') return
    const data = cast(participants.get(peer)!, received.data)
    peer.send(JSON.stringify({ event: 'vote-ack', data }))
  },
  close(peer) {
    peers.delete(peer)
  },
})
